// snn-neuron's traces against snnTorch's golden vectors and closed forms.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "network/neuron_text.h"
#include "single_neuron/trace.h"
#include "support/error_of.h"
#include "support/golden.h"

namespace snn {
namespace {

using nlohmann::json;

Waveform step(double amplitude) {
  Waveform waveform;
  waveform.amplitude = amplitude;
  return waveform;
}

Waveform recorded(const std::vector<double>& values) {
  Waveform waveform;
  waveform.kind = WaveformKind::kRecorded;
  for (std::size_t i = 0; i < values.size(); ++i) {
    waveform.times.push_back(static_cast<double>(i));
  }
  waveform.values = values;
  waveform.recorded_end = static_cast<double>(values.size());
  return waveform;
}

// The values of neuron `index` of a golden tensor (T,B,N) over time.
std::vector<double> column(const json& tensor, std::size_t index) {
  const auto data = tensor.at("data").get<std::vector<double>>();
  const std::size_t neurons = data.size() / tensor.at("shape").at(0).get<std::size_t>();
  std::vector<double> values;
  for (std::size_t i = index; i < data.size(); i += neurons) values.push_back(data[i]);
  return values;
}

// The kinds of neurons.json that one neuron alone has, and their options by snnTorch's names, where
// they differ.
const std::map<std::string, std::string> kKinds = {
    {"Leaky", "leaky"}, {"Lapicque", "lapicque"}, {"Synaptic", "synaptic"}, {"Alpha", "alpha"}};
const std::map<std::string, std::string> kOptions = {
    {"R", "resistance"}, {"C", "capacitance"}, {"reset_mechanism", "reset"}};

// Neuron `index` of five of a case; nothing if it is of another kind, or depends on others.
std::optional<NeuronSpec> neuron_of(const json& golden, std::size_t index) {
  const json& params = golden.at("params");
  const auto kind = kKinds.find(golden.at("neuron").get<std::string>());
  if (kind == kKinds.end() || params.contains("inhibition")) return std::nullopt;
  std::string text = kind->second + ":";
  for (const auto& [name, value] : params.items()) {
    if (name.starts_with("learn_") || value.is_null()) continue;
    const auto other = kOptions.find(name);
    text += (other == kOptions.end() ? name : other->second) + "=";
    if (value.is_object()) {
      text += value.at("data").at(index % 5).dump();
    } else {
      // It is clamped where it is used.
      const bool is_above = name == "beta" && value.get<double>() > 1;
      text += is_above ? "1" : value.is_string() ? value.get<std::string>() : value.dump();
    }
    text += ",";
  }
  text.pop_back();
  return parse_neuron(text);
}

// The spikes are equal, and the membrane is equal up to rounding.
TEST(RunNeuron, IsSnnTorchs) {
  std::map<std::string, int> traces;
  const json cases = golden::read("neurons.json").at("cases");
  for (const json& golden : cases) {
    for (std::size_t i = 0; i < 15; ++i) {  // B = 3 times N = 5
      const auto neuron = neuron_of(golden, i);
      if (!neuron) break;
      const auto input = column(golden.at("input"), i);
      const Trace trace =
          run_neuron(*neuron, recorded(input), static_cast<std::int64_t>(input.size()));
      std::vector<double> spikes(input.size()), expected = column(golden.at("spikes"), i);
      for (const double time : trace.spikes) spikes[static_cast<std::size_t>(time)] = 1;
      for (double& each : expected) each = each != 0;  // graded ones have another amplitude
      EXPECT_EQ(spikes, expected) << golden.at("params") << i;
      EXPECT_THAT(trace.membrane,
                  testing::Pointwise(testing::DoubleNear(1e-5), column(golden.at("mem"), i)))
          << golden.at("params") << i;
      ++traces[golden.at("neuron")];
    }
  }
  EXPECT_GE(traces["Leaky"], 15 * 15);
  for (const char* kind : {"Lapicque", "Synaptic", "Alpha"}) EXPECT_GE(traces[kind], 3 * 15);
}

// Every kind runs, and states besides the membrane are of its length.
TEST(RunNeuron, RunsEveryKind) {
  std::map<std::string, std::vector<std::string>> others;
  for (const auto& [kind, name] : Names<NeuronKind>::table) {
    const Trace trace = run_neuron(default_neuron(kind), step(0.7), 30);
    EXPECT_EQ(trace.membrane.size(), 30u) << name;
    for (const auto& [state, values] : trace.others) {
      EXPECT_EQ(values.size(), 30u) << name << state;
      others[std::string(name)].push_back(state);
    }
    EXPECT_TRUE(has_spikes(default_neuron(kind)) || trace.spikes.empty()) << name;
  }
  EXPECT_EQ(others["leaky"].size(), 0u);
  EXPECT_EQ(others["synaptic"], std::vector<std::string>{"synaptic current"});
  EXPECT_EQ(others["adlif"], std::vector<std::string>{"adaptation"});
  EXPECT_EQ(others["alpha"],
            (std::vector<std::string>{"excitatory current", "inhibitory current"}));
  EXPECT_EQ(others["slstm"], std::vector<std::string>{"cell"});
}

// s = 0.5, 0.75, 0.875 and U = 0.9 U + s.
TEST(RunNeuron, RecordsTheSynapticCurrent) {
  const Trace trace = run_neuron(SynapticOptions(0.5, 0.9).threshold(9.0), step(0.5), 3);
  EXPECT_THAT(trace.others.at(0).second, testing::ElementsAre(0.5, 0.75, 0.875));
  EXPECT_THAT(trace.membrane, testing::Pointwise(testing::DoubleNear(1e-6), {0.5, 1.2, 1.955}));
}

// The truncated kernel has earlier currents as states, which are no trace of their own.
TEST(RunNeuron, KeepsCurrentsOfTheirSteps) {
  const auto options = StateLeakyOptions(0.5).kernel_truncation_steps(2);
  const Trace trace = run_neuron(options, recorded({1, 0, 0}), 3);
  EXPECT_TRUE(trace.others.empty());
  EXPECT_THAT(trace.membrane,
              testing::Pointwise(testing::DoubleNear(1e-6), {1.0, std::exp(-0.5), 0.0}));
}

TEST(RunNeuron, DrawsInitialWeightsByTheSeed) {
  const auto membrane = [](std::uint64_t seed) {
    return run_neuron(SlstmOptions(), step(0.7), 9, seed).membrane;
  };
  EXPECT_EQ(membrane(1), membrane(1));
  EXPECT_NE(membrane(1), membrane(2));
}

// U(t) = I (1 - beta^(t + 1)) / (1 - beta) until the threshold is exceeded, and again from the
// potential after the reset.
TEST(RunNeuron, ChargesAsTheGeometricSeries) {
  const Trace trace = run_neuron(LeakyOptions(0.95), step(0.2), 25);
  EXPECT_EQ(trace.duration, 25);
  for (std::size_t t = 0; t < 6; ++t) {
    const auto power = static_cast<double>(t + 1);
    EXPECT_NEAR(trace.membrane[t], 0.2 * (1 - std::pow(0.95, power)) / 0.05, 1e-6);
    EXPECT_EQ(trace.current[t], 0.2F);
  }
  ASSERT_FALSE(trace.spikes.empty());
  EXPECT_EQ(trace.spikes[0], 5);  // 0.2 (1 - 0.95^6) / 0.05 = 1.06
  EXPECT_NEAR(trace.membrane[6], 0.95 * trace.membrane[5] + 0.2 - 1, 1e-6);
}

TEST(RunNeuron, StaysSilentBelowThreshold) {
  // The membrane potential converges to 0.04 / (1 - 0.95) = 0.8.
  const Trace trace = run_neuron(LeakyOptions(0.95), step(0.04), 1000);
  EXPECT_TRUE(trace.spikes.empty() && intervals(trace).empty());
  EXPECT_NEAR(trace.membrane.back(), 0.8, 1e-5);
}

TEST(RunNeuron, StopsWhereAMembraneIsNotFinite) {
  // The membrane potential is 3e38 after the first step, and twice as much after the second.
  const auto run = [](std::int64_t steps) {
    return run_neuron(LeakyOptions(1).reset(Reset::kNone), step(3e38), steps);
  };
  EXPECT_EQ(run(1).membrane.size(), 1u);
  EXPECT_THAT(error_of([&] { run(2); }), testing::HasSubstr("at step 1; try a smaller --current"));
}

TEST(RunNeuron, RefusesOptionsThatContradict) {
  EXPECT_THAT(error_of([] { run_neuron(AlphaOptions(0.5, 0.8), step(1), 3); }),
              testing::HasSubstr("expected alpha above beta"));
}

}  // namespace
}  // namespace snn
