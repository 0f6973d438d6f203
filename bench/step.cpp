// Times whole training steps in turn within one run, since on a shared machine only ratios are
// meaningful: the fused engine's on each instruction set, the same kernels through autograd and
// torch's Adam, the reference engine's, and the floor of a dense implementation: its indispensable
// matrix products alone, one after another, computed by the BLAS that LibTorch is linked to.
//
//     bench-step [compare|growth] [THREADS]      both sections, with 1 and THREADS (2) threads

#include <malloc.h>
#include <snn/snn.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "snn/numeric/random.h"

namespace snn {
namespace {

using torch::Tensor;
using Clock = std::chrono::steady_clock;

// A training job, by default on images of random noise.
struct Job {
  std::int64_t inputs = 784;
  std::vector<std::int64_t> hidden = {500};
  std::int64_t steps = 25;
  std::int64_t batch = 128;
  double density = 0.19;  // fraction of nonzero pixels, as in MNIST
  int threads = 1;
  bool is_mnist = false;   // trains on MNIST's training set instead of noise
  Encoding encoding = {};  // of MNIST; the time of a step is without that of encoding
};

std::vector<std::int64_t> widths(const Job& job) {
  std::vector<std::int64_t> all = job.hidden;
  all.push_back(10);
  return all;
}

EngineOptions options_of(const Job& job, Simd simd) {
  EngineOptions options;
  options.network.sample_shape = {job.inputs};
  for (const std::int64_t width : widths(job)) {
    options.network.layers.push_back({LinearSpec{width}, LeakyOptions(0.95)});
  }
  options.steps = job.steps;
  options.threads = job.threads;
  options.simd = simd;
  return options;
}

// The training set of MNIST, or an empty one if it is missing.
const Dataset& mnist() {
  static const Dataset dataset = [] {
    try {
      return load_dataset(DatasetName::kMnist, Split::kTrain, "");
    } catch (const Error&) {
      return Dataset();
    }
  }();
  return dataset;
}

Batch batch_of_noise(const Job& job) {
  RandomStream random(1, Purpose::kEncoding, 0, 0);
  Batch batch;
  batch.unit = 255;
  batch.shape = {job.inputs};
  for (std::int64_t i = 0; i < job.batch * job.inputs; ++i) {
    const bool is_lit = static_cast<double>(random.uniform()) < job.density;
    batch.values.push_back(static_cast<std::uint8_t>(is_lit ? 1 + random.below(255) : 0));
  }
  for (std::int64_t i = 0; i < job.batch; ++i) {
    batch.labels.push_back(static_cast<std::uint8_t>(random.below(10)));
  }
  return batch;
}

// Batches used in turn. Real batches cover the whole training set: a network that memorised a few
// would have no gradients left.
class Batches {
 public:
  explicit Batches(const Job& job) {
    if (!job.is_mnist) {
      batches_.push_back(batch_of_noise(job));
      return;
    }
    const std::int64_t count = mnist().size() / job.batch;
    std::vector<std::uint32_t> indices(static_cast<std::size_t>(count * job.batch));
    std::iota(indices.begin(), indices.end(), 0U);
    const DatasetSource source(mnist());
    const Loader loader(source, std::move(indices), job.batch, {job.encoding, job.steps});
    for (std::int64_t i = 0; i < count; ++i) loader.load(i, batches_.emplace_back());
  }

  Batch& next() { return batches_[index_++ % batches_.size()]; }

 private:
  std::vector<Batch> batches_;
  std::size_t index_ = 0;
};

// A contender of the race: its name, and one step of it.
struct Contender {
  std::string name;
  std::function<void()> step;
  std::vector<double> milliseconds = {};

  double median() {
    std::sort(milliseconds.begin(), milliseconds.end());
    return milliseconds.empty() ? 0 : milliseconds[milliseconds.size() / 2];
  }
};

Contender engine_step(const Job& job, EngineKind kind, Simd simd) {
  std::shared_ptr<Engine> engine = make_engine(kind, options_of(job, simd));
  auto batches = std::make_shared<Batches>(job);
  return {engine->name(), [=] {
            engine->train_batch(batches->next(), 1e-3);
            engine->take_results();
          }};
}

Contender autograd_step(const Job& job) {
  Network network(options_of(job, Simd::kAuto).network);
  auto forward = std::make_shared<FusedForward>(network);
  auto optimizer = std::make_shared<torch::optim::Adam>(network->parameters(), 1e-3);
  auto batches = std::make_shared<Batches>(job);
  return {"FusedForward, torch's Adam", [=] {
            Batch& batch = batches->next();
            const Tensor images =
                torch::from_blob(batch.values.data(), {job.batch, job.inputs}, torch::kByte);
            const Tensor labels =
                torch::from_blob(batch.labels.data(), {job.batch}, torch::kByte).to(torch::kLong);
            const auto output = (*forward)(images, job.steps);
            const Tensor loss =
                fused_loss(Loss::ce_membrane(), output.spikes, output.membrane, labels);
            Network(network)->zero_grad(/*set_to_none=*/true);
            loss.backward();
            optimizer->step();
          }};
}

// A layer needs three products, the first one only two, because its input is the same at every
// step.
Contender floor_step(const Job& job) {
  std::vector<std::function<void()>> products;
  std::int64_t inputs = job.inputs, rows = job.batch;
  for (const std::int64_t outputs : widths(job)) {
    const bool is_first = products.empty();
    const Tensor input = torch::rand({rows, inputs}), weight = torch::rand({outputs, inputs});
    const Tensor gradient = torch::rand({rows, outputs});
    Tensor current = torch::empty({rows, outputs}), of_weight = torch::empty({outputs, inputs});
    Tensor of_input = torch::empty({rows, inputs});
    products.push_back([=]() mutable { torch::mm_out(current, input, weight.t()); });
    products.push_back([=]() mutable { torch::mm_out(of_weight, gradient.t(), input); });
    if (!is_first) products.push_back([=]() mutable { torch::mm_out(of_input, gradient, weight); });
    inputs = outputs;
    rows = job.batch * job.steps;
  }
  return {"matrix products alone (floor)", [=] {
            const torch::NoGradGuard no_grad;
            for (const auto& product : products) product();
          }};
}

// Runs the contenders in turn, each for some steps, the first half of which is not counted:
// OpenMP's threads keep spinning for milliseconds after the previous contender. Torch's number of
// threads is set only if it differs, because setting it starts new threads, which spin.
void race(std::vector<Contender>& contenders, int threads, double seconds) {
  constexpr int kSteps = 12;
  if (torch::get_num_threads() != threads) torch::set_num_threads(threads);
  for (Contender& contender : contenders) contender.step();
  const auto start = Clock::now();
  int rounds = 0;
  while (rounds < 5 || std::chrono::duration<double>(Clock::now() - start).count() < seconds) {
    for (Contender& contender : contenders) {
      for (int step = 0; step < kSteps; ++step) {
        const auto before = Clock::now();
        contender.step();
        const double time =
            std::chrono::duration<double, std::milli>(Clock::now() - before).count();
        if (step >= kSteps / 2) contender.milliseconds.push_back(time);
      }
    }
    ++rounds;
  }
}

std::vector<Simd> instruction_sets() {
  std::vector<Simd> sets;
  for (const Simd simd : {Simd::kAvx512, Simd::kAvx2, Simd::kGeneric}) {
    try {
      make_engine(EngineKind::kFused, options_of({.hidden = {}}, simd));
      sets.push_back(simd);
    } catch (const Error&) {
      // not supported by this processor
    }
  }
  return sets;
}

void compare(int most_threads) {
  const bool has_mnist = mnist().size() > 0;
  std::printf("## A training step of 784-500-10, T = 25, batch 128 (%s)\n\n",
              has_mnist ? "MNIST" : "random noise, since MNIST is missing");
  std::printf("| threads | implementation | ms | speed-up over floor |\n|---|---|---|---|\n");
  std::vector<int> counts = {1};
  if (most_threads > 1) counts.push_back(most_threads);
  for (const int threads : counts) {
    const Job job{.threads = threads, .is_mnist = has_mnist};
    std::vector<Contender> contenders = {floor_step(job)};
    for (const Simd simd : instruction_sets()) {
      contenders.push_back(engine_step(job, EngineKind::kFused, simd));
    }
    contenders.push_back(autograd_step(job));
    race(contenders, threads, 20);
    // Each of the reference engine's own threads computes with a single thread of torch.
    std::vector<Contender> reference = {engine_step(job, EngineKind::kReference, Simd::kAuto)};
    race(reference, 1, 5);
    contenders.push_back(reference[0]);
    const double floor = contenders[0].median();
    for (Contender& contender : contenders) {
      const double median = contender.median();
      std::printf("| %d | %s | %.2f | %.2f |\n", threads, contender.name.c_str(), median,
                  floor / median);
    }
    std::fflush(stdout);
  }
}

void grow(const char* what, const std::vector<std::pair<std::string, Job>>& jobs, int threads) {
  std::printf(
      "\n## Scaling with %s\n\n| %s | fused, 1 thread, ms | speed-up over floor | fused, %d "
      "threads, ms "
      "|\n|---|---|---|---|\n",
      what, what, threads);
  for (auto [label, job] : jobs) {
    std::vector<Contender> alone = {floor_step(job),
                                    engine_step(job, EngineKind::kFused, Simd::kAuto)};
    race(alone, 1, 2);
    job.threads = threads;
    std::vector<Contender> together = {engine_step(job, EngineKind::kFused, Simd::kAuto)};
    race(together, threads, 1);
    const double fused = alone[1].median();
    std::printf("| %s | %.2f | %.2f | %.2f |\n", label.c_str(), fused, alone[0].median() / fused,
                together[0].median());
    std::fflush(stdout);
  }
}

void growth(int threads) {
  std::vector<std::pair<std::string, Job>> jobs;
  const auto add = [&](const auto& label, const Job& job) {
    jobs.emplace_back(std::to_string(label), job);
  };
  for (const std::int64_t steps : {1, 5, 10, 25, 50, 100}) add(steps, {.steps = steps});
  grow("T", jobs, threads);
  jobs.clear();
  for (const std::int64_t hidden : {100, 200, 500, 1000, 2000, 4000}) {
    add(hidden, {.hidden = {hidden}});
  }
  grow("hidden neurons", jobs, threads);
  jobs.clear();
  for (const std::size_t depth : {1U, 2U, 3U, 4U}) {
    add(depth, {.hidden = std::vector<std::int64_t>(depth, 500)});
  }
  grow("hidden layers of 500", jobs, threads);
  jobs.clear();
  for (const std::int64_t batch : {1, 8, 32, 128, 512, 1024}) add(batch, {.batch = batch});
  grow("batch size", jobs, threads);
  jobs.clear();
  for (const double density : {0.05, 0.1, 0.19, 0.5, 1.0}) {
    jobs.emplace_back(std::to_string(static_cast<int>(100 * density)) + " %",
                      Job{.density = density});
  }
  grow("fraction of nonzero pixels", jobs, threads);
  if (mnist().size() == 0) return;
  jobs.clear();
  for (const char* encoding : {"current", "rate", "latency:normalize=true,clip=true", "phase"}) {
    jobs.emplace_back(encoding, Job{.is_mnist = true, .encoding = parse_encoding(encoding)});
  }
  grow("the encoding of MNIST", jobs, threads);
}

}  // namespace
}  // namespace snn

int main(int argc, char** argv) {
  const std::string section = argc > 1 ? argv[1] : "all";
  const int threads = argc > 2 ? std::atoi(argv[2]) : 2;
  if ((section != "all" && section != "compare" && section != "growth") || threads < 1) {
    std::fprintf(stderr, "Usage: bench-step [all|compare|growth] [THREADS]\n");
    return 2;
  }
  // Torch's optimisers allocate and free megabytes in every step; by default glibc returns the
  // memory to the system each time, which must clear it again.
  mallopt(M_MMAP_THRESHOLD, 1 << 28);
  mallopt(M_TRIM_THRESHOLD, 1 << 28);
  if (section != "growth") snn::compare(threads);
  if (section != "compare") snn::growth(threads);
  return 0;
}
