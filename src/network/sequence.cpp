#include "snn/network/sequence.h"

namespace snn {

Sequence Sequence::varying(const torch::Tensor& values) {
  TORCH_CHECK(values.dim() >= 2 && values.size(0) > 0,
              "a varying sequence is (T,B,...) with T > 0, found ", values.sizes());
  Sequence sequence;
  sequence.values_ = values;
  // One unbind replaces T selects: the gradient of each select would fill a whole (T,B,...) with
  // zeros.
  sequence.each_ = values.unbind(0);
  sequence.steps_ = values.size(0);
  return sequence;
}

Sequence Sequence::constant(const torch::Tensor& value, std::int64_t steps) {
  TORCH_CHECK(value.dim() >= 1 && steps > 0,
              "a constant sequence is (B,...) for T > 0 steps, found ", value.sizes(), " for ",
              steps);
  Sequence sequence;
  sequence.values_ = value;
  sequence.steps_ = steps;
  return sequence;
}

const torch::Tensor& Sequence::at(std::int64_t t) const {
  return is_constant() ? values_ : each_.at(static_cast<std::size_t>(t));
}

torch::Tensor Sequence::at_all_steps() const {
  if (!is_constant()) return values_;
  std::vector<std::int64_t> shape = values_.sizes().vec();
  shape.insert(shape.begin(), steps_);
  return values_.expand(shape);
}

Sequence Sequence::part(std::int64_t begin, std::int64_t end) const {
  if (is_constant()) return constant(values_, end - begin);
  return varying(values_.narrow(0, begin, end - begin));
}

Sequence Sequence::with_values(const torch::Tensor& values) const {
  return is_constant() ? constant(values, steps_) : varying(values);
}

}  // namespace snn
