#pragma once
#include <span>
#include <string_view>

/// Which PINs a command takes, so that its help can say it.
namespace kmp::kmpctl {

struct PinRoles {
    std::string_view command;  ///< "ukey issue"
    std::string_view roles;    ///< as --pin-fd names them, and whose they are
};

/// Every command that takes a PIN; the others take none.
std::span<const PinRoles> pin_roles() noexcept;

}  // namespace kmp::kmpctl
