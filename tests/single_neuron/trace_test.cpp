#include "single_neuron/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>

#include "support/error_of.h"

namespace snn {
namespace {

using nlohmann::json;

Waveform step(double amplitude, double start = 0) {
  Waveform waveform;
  waveform.amplitude = amplitude;
  waveform.start = start;
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

json golden_neurons() {
  std::ifstream stream(std::string(SNN_GOLDEN_DIR) + "/neurons.json");
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return json::parse(std::regex_replace(text, std::regex("NaN"), "null")).at("cases");
}

// The values of neuron `index` of a golden tensor (T,B,N) over time.
std::vector<double> column(const json& tensor, std::size_t index) {
  const auto data = tensor.at("data").get<std::vector<double>>();
  const std::size_t neurons = data.size() / tensor.at("shape").at(0).get<std::size_t>();
  std::vector<double> values;
  for (std::size_t i = index; i < data.size(); i += neurons) values.push_back(data[i]);
  return values;
}

// In every case of snnTorch's Leaky without inhibition, the spikes are equal, and the membrane
// potential is equal up to rounding.
TEST(RunLeaky, IsSnnTorchsLeaky) {
  int traces = 0;
  for (const json& golden : golden_neurons()) {
    const json& params = golden.at("params");
    if (golden.at("neuron") != "Leaky" || params.contains("inhibition") ||
        params.contains("graded_spikes_factor")) {
      continue;
    }
    const std::size_t neurons = 15;  // B = 3 times N = 5
    for (std::size_t i = 0; i < neurons; ++i) {
      const auto option = [&](const char* name, double fallback) {
        if (!params.contains(name)) return fallback;
        const json& value = params.at(name);
        return value.is_number() ? value.get<double>() : value.at("data").at(i % 5).get<double>();
      };
      const LeakyOptions options =
          LeakyOptions(option("beta", 0.9))
              .threshold(option("threshold", 1))
              .reset(from_name<Reset>(params.value("reset_mechanism", "subtract")).value())
              .reset_delay(params.value("reset_delay", true));
      const auto input = column(golden.at("input"), i), membrane = column(golden.at("mem"), i);
      const Trace trace =
          run_leaky(options, recorded(input), static_cast<std::int64_t>(input.size()));
      std::vector<double> spikes(input.size());
      for (const double time : trace.spikes) spikes[static_cast<std::size_t>(time)] = 1;
      EXPECT_EQ(spikes, column(golden.at("spikes"), i)) << params << i;
      EXPECT_THAT(trace.membrane, testing::Pointwise(testing::DoubleNear(2e-6), membrane))
          << params << i;
      ++traces;
    }
  }
  EXPECT_GE(traces, 14 * 15);
}

// U(t) = I (1 - beta^(t + 1)) / (1 - beta) until the threshold is exceeded, and again from the
// potential after the reset.
TEST(RunLeaky, ChargesAsTheGeometricSeries) {
  const Trace trace = run_leaky(LeakyOptions(0.95), step(0.2), 25);
  EXPECT_EQ(trace.duration, 25);
  for (std::size_t t = 0; t < 6; ++t) {
    EXPECT_NEAR(trace.membrane[t], 0.2 * (1 - std::pow(0.95, t + 1)) / 0.05, 1e-6);
    EXPECT_EQ(trace.current[t], 0.2F);
  }
  ASSERT_FALSE(trace.spikes.empty());
  EXPECT_EQ(trace.spikes[0], 5);  // 0.2 (1 - 0.95^6) / 0.05 = 1.06
  EXPECT_NEAR(trace.membrane[6], 0.95 * trace.membrane[5] + 0.2 - 1, 1e-6);
}

TEST(RunLeaky, StaysSilentBelowThreshold) {
  // The membrane potential converges to 0.04 / (1 - 0.95) = 0.8.
  const Trace trace = run_leaky(LeakyOptions(0.95), step(0.04), 1000);
  EXPECT_TRUE(trace.spikes.empty() && intervals(trace).empty());
  EXPECT_NEAR(trace.membrane.back(), 0.8, 1e-5);
}

TEST(RunHodgkinHuxley, StaysAtRestWithoutCurrent) {
  const Trace trace = run_hodgkin_huxley(step(0), 100, 0.01);
  EXPECT_TRUE(trace.spikes.empty());
  // EL is given with three decimals, so that the equilibrium differs from -65 mV by 0.004 mV.
  for (const double v : trace.membrane) ASSERT_NEAR(v, -65, 0.01);
}

// The largest error of the membrane potential over `duration`, compared with steps 16 times
// shorter.
double error_of_steps(double dt, double duration) {
  const Trace coarse = run_hodgkin_huxley(step(10), duration, dt);
  const Trace fine = run_hodgkin_huxley(step(10), duration, dt / 16);
  double error = 0;
  for (std::size_t i = 0; i < coarse.membrane.size(); ++i) {
    error = std::max(error, std::abs(coarse.membrane[i] - fine.membrane[16 * i]));
  }
  for (std::size_t i = 0; i < coarse.spikes.size(); ++i) {
    EXPECT_NEAR(coarse.spikes[i], fine.spikes.at(i), 0.01 * dt);
  }
  return error;
}

TEST(RunHodgkinHuxley, ConvergesWithTheFourthPowerOfTheStep) {
  const double orders[] = {std::log2(error_of_steps(0.02, 50) / error_of_steps(0.01, 50)),
                           std::log2(error_of_steps(0.01, 50) / error_of_steps(0.005, 50))};
  for (const double order : orders) EXPECT_NEAR(order, 4, 0.4);
}

TEST(RunHodgkinHuxley, IsAsExactAsItSays) {
  EXPECT_LT(error_of_steps(0.01, 100), 0.001);
  EXPECT_LT(error_of_steps(0.05, 100), 0.2);
}

double lasting_rate(double current) {
  const Trace trace = run_hodgkin_huxley(step(current), 1000, 0.02);
  if (trace.spikes.size() < 2 || trace.spikes.back() < 950) return 0;
  return 1000 / intervals(trace).back();
}

// These equations are known to fire repetitively from 6.3 µA/cm² on, immediately with more than 50
// Hz (type 2), and with about 68 Hz at 10; a lower constant current elicits at most one spike.
// Rinzel, "On repetitive activity in nerve", Federation Proc. 37 (1978); Hassard, J. Theor. Biol.
// 71 (1978); W. Gerstner et al., Neuronal Dynamics (2014), section 2.2: a threshold current of
// about 6.
TEST(RunHodgkinHuxley, FiresAsTheLiteratureHasIt) {
  EXPECT_EQ(lasting_rate(5.0), 0);
  EXPECT_EQ(lasting_rate(6.2), 0);
  EXPECT_NEAR(lasting_rate(6.3), 52, 1);
  EXPECT_NEAR(lasting_rate(10), 68.3, 0.5);
  EXPECT_NEAR(lasting_rate(20), 86.5, 0.5);
  EXPECT_TRUE(run_hodgkin_huxley(step(2), 100, 0.02).spikes.empty());
  EXPECT_EQ(run_hodgkin_huxley(step(3), 100, 0.02).spikes.size(), 1u);
}

// The action potential in the paper's figures is about 105 mV high and undershoots to nearly the
// reversal potential of potassium.
TEST(RunHodgkinHuxley, HasTheActionPotentialOfTheAxon) {
  Waveform pulse = step(20, 5);
  pulse.kind = WaveformKind::kPulse;
  const Trace trace = run_hodgkin_huxley(pulse, 30, 0.01);
  ASSERT_EQ(trace.spikes.size(), 1u);
  EXPECT_GT(trace.spikes[0], 5);
  EXPECT_NEAR(std::ranges::max(trace.membrane), 40, 5);
  EXPECT_NEAR(std::ranges::min(trace.membrane), -76, 1);
}

TEST(RunHodgkinHuxley, SaysThatTheStepIsTooLong) {
  try {
    run_hodgkin_huxley(step(1e9), 10, 0.05);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kDiverged);
    EXPECT_THAT(error.what(), testing::HasSubstr("try a smaller --dt"));
  }
}

TEST(RunHodgkinHuxley, HoldsARecordedCurrentToTheEnd) {
  const Trace trace = run_hodgkin_huxley(recorded({5, 6}), 2, 0.01);
  EXPECT_EQ(trace.current.back(), 6);
}

TEST(RunLeaky, StopsWhereAMembraneIsNotFinite) {
  // The membrane potential is 3e38 after the first step, and twice as much after the second.
  const auto run = [](std::int64_t steps) {
    return run_leaky(LeakyOptions(1).reset(Reset::kNone), step(3e38), steps);
  };
  EXPECT_EQ(run(1).membrane.size(), 1u);
  EXPECT_THAT(error_of([&] { run(2); }), testing::HasSubstr("at step 1; try a smaller --current"));
}

}  // namespace
}  // namespace snn
