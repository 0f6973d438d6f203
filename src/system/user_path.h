#pragma once

#include <string>
#include <string_view>

namespace snn {

/// A path as a shell would hand it over: `~`, `~/x` and `~user/x` lead to home folders. Throws
/// Error(kUsage) for a user that is not known, and for `$NAME/x` and `${NAME}/x`, which only a
/// shell expands. A folder that is really called so is `./~` or `./$NAME`.
std::string expand_path(std::string_view path);

}  // namespace snn
