#pragma once

#include <string>
#include <string_view>

namespace snn {

/// Expands a path like a shell: `~`, `~/x` and `~user/x` become home folders. Throws Error(kUsage)
/// for an unknown user, and for `$NAME/x` and `${NAME}/x`, which only a shell expands. A folder
/// that really has such a name is written `./~` or `./$NAME`.
std::string expand_path(std::string_view path);

}  // namespace snn
