#include "train/next_batch.h"

#include <atomic>
#include <memory>
#include <utility>

namespace snn {

SideWork loading(const Loader& loader, std::int64_t index, Batch& batch,
                 std::function<void()> then) {
  if (index >= loader.batches()) return {};
  const std::int64_t pieces = loader.begin(index, batch);
  const auto left = std::make_shared<std::atomic<std::int64_t>>(pieces);
  return {pieces, [&loader, &batch, left, then = std::move(then)](std::int64_t piece) {
            loader.load_piece(piece, batch);
            // Whoever is last sees what all others have written.
            if (left->fetch_sub(1, std::memory_order_acq_rel) == 1 && then) then();
          }};
}

}  // namespace snn
