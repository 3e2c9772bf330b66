#pragma once
#include <array>
#include <string>

#include "base/ids.h"
#include "model/ukey.h"

namespace tokens {

using Salt = std::array<std::uint8_t, 16>;

/// `ukey.toml` in a soft UKEY's folder: what must be known before its token can be opened. Nothing in it is secret.
struct UkeyFile {
    base::UkeySerial serial;
    model::UkeyKind kind{};
    Salt salt{};                    ///< of the PIN's Argon2id
    base::UkeySerial home_platform; ///< whose pepper the PIN takes; empty for kinds that must open elsewhere
    bool operator==(const UkeyFile&) const = default;
};

/// not_found: the folder has none (a blank UKEY); malformed: the message names the file and the entry.
base::Result<UkeyFile> read_ukey_file(const std::string& folder);
/// A UKEY that was erased: its folder is blank again. No error when there is none.
base::Status remove_ukey_file(const std::string& folder);
/// Replaces it atomically and durably.
base::Status write_ukey_file(const std::string& folder, const UkeyFile& file);

}  // namespace tokens
