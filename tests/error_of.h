#pragma once

#include <string>

#include "snn/error.h"

namespace snn {

/// The text of the Error that `action` throws, or "no error".
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace snn
