#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// The values in `a,b,[c,d]`: commas separate outside of brackets, braces and quotes. An item with
/// an equals sign but no colon continues the item before it: `sfs:slope=25,b=1,atan` has two
/// values.
std::vector<std::string> split_values(std::string_view text);

/// The same for `a,b` or `[a, b]`, which is one list.
std::vector<std::string> split_list(std::string_view text);

}  // namespace snn
