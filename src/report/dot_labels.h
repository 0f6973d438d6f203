#pragma once

#include <string>

#include "report/marks.h"

namespace snn::report {

/// The names of a panel's dots, placed beside them so that no label overlaps another or seems to
/// belong to another dot. Labels without room are omitted; the dot has a tooltip.
std::string draw_dot_labels(const Panel& panel, const Scale& x, const Scale& y, const Area& area);

}  // namespace snn::report
