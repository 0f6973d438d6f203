#include "fuzz/readers.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "cli/command_line.h"
#include "data/idx.h"
#include "single_neuron/waveform.h"
#include "snn/data/encoding.h"
#include "snn/network/loss.h"
#include "snn/network/network_spec.h"
#include "snn/network/surrogate.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config_text.h"
#include "snn/train/metrics.h"
#include "snn/train/option.h"
#include "snn/train/predictions.h"
#include "snn/train/schedule.h"
#include "snn/train/settings.h"
#include "sweep/definition.h"
#include "sweep/plan.h"
#include "text/csv.h"
#include "text/json.h"
#include "text/unicode.h"
#include "train/tensorboard.h"

namespace snn::fuzz {
namespace {

// Checks an invariant.
void expect(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}

// A file that contains `bytes`, for readers of files.
class File {
 public:
  explicit File(std::string_view bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("snn-fuzz-" + std::to_string(::getpid()) + ".csv")) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { std::filesystem::remove(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// ---- texts written by people

void read_config(std::string_view text) {
  Settings settings;
  apply_yaml(text, "fuzz.yaml", settings);
  check_together(settings);
  if (!settings.problems.empty()) return;
  Settings again;
  const std::string yaml = to_yaml(settings.config);
  apply_yaml(yaml, "again.yaml", again);
  expect(again.problems.empty(), "its own YAML is refused");
  expect(to_yaml(again.config) == yaml, "its own YAML reads back otherwise");
}

void read_sweep(std::string_view text) {
  Definition definition;
  apply_sweep_yaml(text, "fuzz.yaml", definition);
}

void read_set(std::string_view text) {
  Definition definition;
  apply_set(text, definition);
  apply_seeds(text, definition);
}

void read_words(std::string_view text) {
  cli::Program program;
  program.name = "snn-train";
  program.positional = "FILE";
  for (const Option& option : options()) program.options.push_back(&option);
  program.actions = {{"config", "FILE", "a file"}, {"dry-run", "", "a switch"}};
  std::vector<std::string> words = {"snn-train"};
  for (const std::string& word : split(text, '\n')) {
    if (word.find('\0') == std::string::npos) words.push_back(word);
  }
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  cli::CommandLine line;
  std::streambuf* const shown = std::cout.rdbuf(nullptr);  // --help
  cli::read_command_line(program, static_cast<int>(pointers.size()), pointers.data(), "0", line);
  std::cout.rdbuf(shown);
  std::cout.clear();
  Settings settings;
  apply_flags(line, settings);
  check_together(settings);
}

void read_names(std::string_view text) {
  const auto try_each = [](const auto& read) {
    try {
      read();
    } catch (const Error&) {
    }
  };
  try_each([&] {
    expect(parse_surrogate(to_string(parse_surrogate(text))) == parse_surrogate(text), "surrogate");
  });
  try_each([&] {
    expect(parse_encoding(to_string(parse_encoding(text))) == parse_encoding(text), "encoding");
  });
  try_each([&] { expect(parse_loss(to_string(parse_loss(text))) == parse_loss(text), "loss"); });
  try_each([&] {
    expect(parse_schedule(to_string(parse_schedule(text))) == parse_schedule(text), "schedule");
  });
  if (text.find('.') == std::string_view::npos && text.find('/') == std::string_view::npos) {
    try_each([&] { parse_waveform(text); });
  }
}

void read_layers(std::string_view text) {
  const std::string json = layers_to_json(layers_from_json(text));
  expect(layers_to_json(layers_from_json(json)) == json, "its own layers read back otherwise");
}

void read_current(std::string_view bytes) { parse_waveform(File(bytes).path().string()); }

// ---- files written by the programs

void read_json(std::string_view text) { dump_json(parse_json(text)); }

void read_network(std::string_view text) {
  const std::string json = to_json(network_spec_from_json(text));
  expect(to_json(network_spec_from_json(json)) == json, "its own network reads back otherwise");
}

void read_options(std::string_view text) { config_from_json(text); }

// Updates the digest, as a malicious author would.
void read_checkpoint(std::string_view bytes) {
  constexpr std::string_view kHead = R"({"__metadata__":{"digest":"crc32:)";
  constexpr std::size_t kAt = 8 + kHead.size(), kDigits = 8;
  std::string whole(bytes);
  if (whole.size() >= kAt + kDigits) {
    whole.replace(8, kHead.size(), kHead);
    whole.replace(kAt, kDigits, kDigits, '0');
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(whole.data()), whole.size());
    char text[16];
    std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(crc));
    whole.replace(kAt, kDigits, text, kDigits);
  }
  const Checkpoint checkpoint = deserialize(whole, "fuzz.safetensors");
  const std::string again = serialize(checkpoint);
  expect(serialize(deserialize(again, "again")) == again, "its own checkpoint reads otherwise");
}

void read_metrics(std::string_view text) { metrics_from_csv(text, 2, "metrics.csv"); }

void read_predictions(std::string_view text) { predictions_from_csv(text, "predictions.csv"); }

void read_table(std::string_view text) { parse_csv(text, "sweep.csv"); }

Definition small_sweep() {
  Definition definition;
  apply_set("beta=0.5,0.9", definition);
  definition.name = "small";
  return definition;
}

void read_plan(std::string_view text) { conflicts(make_plan(small_sweep()), text, "sweep.json"); }

void read_events(std::string_view bytes) { read_records(bytes); }

// ---- data

void read_images(std::string_view bytes) {
  read_idx(File(bytes).path(), IdxKind::kImages, "fetch it again");
}

void read_text(std::string_view bytes) {
  const std::string text = decode_text(bytes);
  expect(text.find('\r') == std::string::npos, "a carriage return is left");
}

// ---- seeds

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

Checkpoint small_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.config.hidden = {3};
  checkpoint.network = network_spec(checkpoint.config, {1, 2, 2}, 2);
  checkpoint.train_digest = checkpoint.test_digest = "crc32:00000000";
  auto& tensors = checkpoint.state.tensors;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
    std::size_t count = 1;
    for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
    tensors[name] = {std::move(shape), std::vector<float>(count, 0.5F)};
  };
  for (const std::string prefix : {"", "optimizer.exp_avg.", "optimizer.exp_avg_sq."}) {
    add(prefix + "fc1.weight", {3, 4});
    add(prefix + "fc1.bias", {3});
    add(prefix + "fc2.weight", {2, 3});
    add(prefix + "fc2.bias", {2});
  }
  for (const std::string neuron : {"lif1.", "lif2."}) {
    for (const char* name : {"beta", "threshold", "graded_spikes_factor", "reset_mechanism_val"}) {
      add(neuron + name, {});
    }
  }
  return checkpoint;
}

std::string small_metrics() {
  MetricsRow row;
  row.spikes_per_neuron = {1.5, 2};
  row.silent_fraction = {0, 0.5};
  row.test = {0.5, 0.25};
  MetricsRow next = row;
  next.epoch = 1;
  return metrics_to_csv({row, next}, 2);
}

std::string small_images() {
  std::string bytes("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02", 16);
  return bytes + std::string(8, '\x7f');
}

const std::string kSweep =
    "name: a\nmethod: random\nmetric: {name: test_accuracy, goal: maximize}\nrun_cap: 3\n"
    "options: {epochs: 2}\nparameters:\n  beta: {min: 0.5, max: 0.9}\n"
    "  lr: {distribution: log_uniform_values, min: 1.0e-4, max: 1.0e-2}\n"
    "  hidden: {values: [100, [800, 400]]}\nseeds: [1, 2]\n";

std::vector<Reader> make_readers() {
  // The deep value is in an object and followed by another one, so that it is copied recursively.
  const std::string deep =
      "{\"a\":" + repeated("[", 200'000) + repeated("]", 200'000) + ",\"b\":1}";
  return {
      {"config",
       read_config,
       {to_yaml(Config{}), "beta: [0.9, 0.8]\nhidden: 100\n", "a: &x {beta: 0.5}\n<<: *x\n", ",",
        ", beta: 0.9", "{beta: 0.9},", "[],", "\"a\",", "---\nbeta: 1\n---\nlr: 1\n", "- a\n? b\n",
        "layers:\n  - linear: {outputs: 10}\n    leaky: {beta: 0.5}\n"}},
      {"sweep", read_sweep, {kSweep, ",", "parameters: [{beta: {value: 1}}]\n", "- \n"}},
      {"set", read_set, {"beta=0.5,0.9", "hidden=[800,400],100", "seed=1,2", "3", "1,2"}},
      {"words",
       read_words,
       {"--beta\n0.9\n--hidden=800,400", "-T25\n-e\n3\n-q\nfile", "---", "---=5", "-beta\n0.9",
        "--no-report\n--quiet\nTrue\n--", "--help"}},
      {"names",
       read_names,
       {"atan:alpha=2", "mse-count:correct=0.8,incorrect=0.2", "cosine:floor=0.1",
        "step:every=2,gamma=0.5", "step:0.2", "pulse:1,width=2"}},
      {"layers",
       read_layers,
       {R"([{"linear":{"outputs":5},"leaky":{"beta":[0.1,0.2,0.3,0.4,0.5]}},)"
        R"({"linear":{"outputs":10,"bias":false},"relu":{}}])",
        deep, "[" + deep + "]"}},
      {"current",
       read_current,
       {"0.1\n0.2\n", "time,current\n0,0.1\n1,0.2\n",
        "\xEF\xBB\xBF"
        "0.5\r\n0.1\r\n",
        "nan\n1\n"}},
      {"json", read_json, {R"({"a":[1,2.5,"b",null,{"c":true}]})", deep, "[" + deep + "]"}},
      {"network", read_network, {to_json(small_checkpoint().network), deep}},
      {"options", read_options, {result_options_to_json(Config{})}},
      {"checkpoint", read_checkpoint, {serialize(small_checkpoint())}},
      {"metrics", read_metrics, {small_metrics()}},
      {"predictions",
       read_predictions,
       {predictions_to_csv({{0, 1, 0, {1, 2}}, {1, 0, 0, {3, 0}}}, 2)}},
      {"table", read_table, {"a,b\n1,\"x,\"\"y\"\"\"\n", "a\n\"\n"}},
      {"plan", read_plan, {plan_to_json(make_plan(small_sweep())), deep}},
      {"events", read_events, {to_record("abc") + to_record("")}},
      {"images", read_images, {small_images()}},
      {"text",
       read_text,
       {"a\r\nb", std::string("\xFF\xFE"
                              "a\0b\0",
                              6)}},
  };
}

}  // namespace

const std::vector<Reader>& readers() {
  static const std::vector<Reader> all = make_readers();
  return all;
}

std::string problem_with(const Reader& reader, std::string_view bytes) {
  try {
    reader.read(bytes);
    return "";
  } catch (const Error&) {
    return "";
  } catch (const std::exception& error) {
    return reader.name + ": " + error.what();
  }
}

}  // namespace snn::fuzz
