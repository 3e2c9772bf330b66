#pragma once
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"

namespace model {

/// A network account: a person or a station that uses a user UKEY which lives at the encryption machine, by a name and a password, or by a key of its own. A
/// statement signed by the master-control UKEY over `encode()`, purpose `account`. What may be done is the UKEY's grant's to say.
struct Account {
    std::string name;
    base::UkeySerial ukey;         ///< a user UKEY of the same platform
    std::string holder;
    base::UkeySerial home;         ///< the platform UKEY it belongs to
    base::Millis not_after = 0;
    std::uint32_t number = 0;      ///< rises with every new statement of this account; only the newest holds
    bool password = true;          ///< whoever knows its password may use it
    base::Bytes key = {};          ///< whoever proves this key over TLS may: SHA-256 of the SubjectPublicKeyInfo of the station's certificate. Empty: none

    static constexpr std::size_t kLongestHolder = 64;
    static constexpr std::size_t kKeySize = 32;

    /// Canonical bytes: the fields in the order above, big-endian. Version 1 ends before `password` and is written where there is no key; version 2 has all.
    base::Bytes encode() const;
    /// malformed or invalid_argument: anything that encode() would not have written.
    static base::Result<Account> decode(base::ByteView bytes);
    /// ok, or invalid_argument with the field that is out of range.
    base::Status validate() const;
    /// One sentence for a person.
    std::string in_words() const;
    bool operator==(const Account&) const = default;
};

/// ok, or invalid_argument: 1 to 64 letters, digits, '-', '_' and '.'.
base::Status check_account_name(std::string_view name);

/// What happened to an account after it was set. Numbers stand in the log for good.
enum class AccountChange : std::uint8_t { disable = 1, enable = 2, lock = 3, reset = 4, change_password = 5 };
inline constexpr unsigned kAccountChanges = 5;
/// "disable", "change-password", ...
std::string_view name(AccountChange) noexcept;

}  // namespace model
