#include "single_neuron/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "snn/text/error.h"

namespace snn {
namespace {

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

}  // namespace
}  // namespace snn
