#include "snn/engine/device.h"

#include <torch/torch.h>
#include <torch/version.h>

#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {

std::string resolve_device(const std::string& device) {
  const bool has_cuda = torch::cuda::is_available();
  if (device == "auto") return has_cuda ? "cuda" : "cpu";
  if (device == "cpu") return device;
  const auto refuse = [&](const std::string& why) {
    throw Error(ExitCode::kUsage, "device '" + device + "': " + why);
  };
  const std::string cuda = "cuda";
  long long index = 0;
  if (device.rfind(cuda, 0) != 0 ||
      (device != cuda && (device[cuda.size()] != ':' ||
                          !parse_integer(device.substr(cuda.size() + 1), index) || index < 0))) {
    refuse("expected auto, cpu, cuda or cuda:N");
  }
  if (!torch::cuda::is_available()) {
    refuse("this LibTorch (" + libtorch_version() +
           ") finds no CUDA device; use --device cpu, or a LibTorch built with CUDA on a machine "
           "with an NVIDIA GPU");
  }
  const auto count = static_cast<long long>(torch::cuda::device_count());
  if (index >= count) refuse("this machine has " + std::to_string(count) + " CUDA device(s)");
  return device;
}

std::string libtorch_version() { return TORCH_VERSION; }

}  // namespace snn
