#pragma once
#include <QString>
#include <string_view>

namespace ui::parts {

/// Who asked the service for something on its socket: it says "uid 0 (pid 4711)". "root on this computer"; a user by name where this machine has it in
/// /etc/passwd, otherwise by number. Whatever else it says comes back as it is.
QString caller_word(std::string_view caller);

}  // namespace ui::parts
