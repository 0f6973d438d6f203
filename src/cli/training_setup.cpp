#include "cli/training_setup.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

#include "cli/data_lines.h"
#include "cli/layer_values.h"
#include "cli/layout.h"
#include "cli/machine.h"
#include "snn/data/loader.h"
#include "snn/engine/device.h"
#include "snn/train/engine_options.h"
#include "system/files.h"
#include "text/message.h"
#include "train/run_data.h"
#include "version.h"

namespace snn::cli {
namespace {

// A resumed run uses its own data, at their present location.
void find_data(Start& start) {
  if (!start.checkpoint || start.is_data_given) return;
  start.config.data_dir =
      find_run_data({start.path, start.config.dataset, Split::kTest, start.checkpoint->test_digest})
          .data_dir;
}

// Refuses, before a run begins, an encoding that the samples do not fit.
void check_encoding(const Config& config, const Dataset& dataset) {
  const DatasetSource source(dataset);
  const Loader checked(source, {}, 1, input_options(config));
}

bool is_stateless(const NetworkSpec& network) {
  return std::ranges::all_of(network.layers, [](const LayerSpec& layer) {
    return std::holds_alternative<ReluOptions>(layer.neuron);
  });
}

constexpr std::size_t kLabelWidth = 9;

}  // namespace

Setup build(Start start) {
  find_data(start);
  Setup setup;
  setup.start = std::move(start);
  const Config& config = setup.config();
  const std::string device = resolve_device(config.device);
  setup.data = load_training_data(config);
  const Dataset& train = setup.data.train;
  check_encoding(config, train);
  setup.network = network_spec(config, train.shape, train.classes);
  setup.engine_options =
      engine_options(config, setup.network, device, resolve_threads(config.threads));
  setup.engine = make_engine(config.engine, setup.engine_options);
  if (setup.start.checkpoint) restore(*setup.engine, *setup.start.checkpoint, setup.data);
  return setup;
}

RunFacts facts(const Setup& setup, Outcome outcome) {
  std::vector<LayerFacts> layers;
  for (std::size_t i = 0; i < setup.network.layers.size(); ++i) {
    const std::string kind(name_of(kind_of(setup.network.layers[i].neuron)));
    layers.push_back({neuron_name(setup.network, i), kind, neuron_count(setup.network, i)});
  }
  return {outcome,
          SNN_VERSION,
          libtorch_version(),
          setup.engine_options.device,
          setup.engine_options.threads,
          setup.engine->name(),
          summary_of(setup.network),
          std::move(layers),
          parameter_count(setup.network),
          peak_memory_mb(),
          absolute_text(setup.data.train.directory)};
}

void log_banner(const Setup& setup, const std::string& program, const Terminal& terminal,
                spdlog::logger& log) {
  const Config& config = setup.config();
  const RunFacts fact = facts(setup);
  const auto item = [&](std::string label, const std::string& text) {
    label.resize(kLabelWidth, ' ');
    const auto columns = static_cast<std::size_t>(terminal.columns());
    log.info("{}{}", label, wrapped(text, kLabelWidth, columns));
  };
  log.info("{}", terminal.bold(wrapped(version_text(program, fact.libtorch), 0,
                                       static_cast<std::size_t>(terminal.columns()))));
  const std::string why = why_not_fused(setup.engine_options);
  const bool falls_back =
      config.engine == EngineKind::kAuto && fact.device == "cpu" && !why.empty();
  item("engine",
       fmt::format("{} on {}, {} thread{}{}", fact.engine, fact.device, fact.threads,
                   fact.threads == 1 ? "" : "s", falls_back ? "; not fused: " + why : ""));
  item("network", fmt::format("{}, {} parameters, T = {}, loss {}", fact.network,
                              format_count(fact.parameters), config.steps, to_string(config.loss)));
  if (kind_of(config.encoding) != EncodingKind::kCurrent) {
    item("input", to_string(config.encoding));
  }
  if (!config.regularize.terms.empty()) {
    item("penalty", to_string(config.regularize) + ", not included in the losses below");
  }
  const std::string layers = layer_values(config);
  if (!layers.empty()) item("layers", layers);
  item("data", data_text(setup.data, config.dataset));
  for (const std::string& remark : setup.data.train.remarks) item("", remark);
  if (is_stateless(setup.network) && config.steps > 1) {
    item("steps",
         fmt::format("relu neurons are stateless, all {} steps give the same output; -T 1 is "
                     "enough",
                     config.steps));
  }
  for (const Dataset* part : {&setup.data.train, &setup.data.test}) {
    if (!part->doubt.empty()) log.warn("{}", part->doubt);
  }
  if (!setup.start.warning.empty()) log.warn("{}", setup.start.warning);
  if (!setup.start.note.empty()) log.info("{}", setup.start.note);
}

}  // namespace snn::cli
