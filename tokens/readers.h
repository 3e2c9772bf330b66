#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tokens {

enum class ReaderKind : std::uint8_t { softhsm, pkcs11 };
std::string_view name(ReaderKind) noexcept;

/// A place where a UKEY appears.
struct Reader {
    std::string name;          ///< the entry's name, without .toml
    ReaderKind kind{};
    std::string path;          ///< softhsm: the folder that is the UKEY. pkcs11: the folder that holds the token; empty: it is in a device
    std::string module;        ///< pkcs11: the module's file
    std::string parameters;    ///< pkcs11: what the module wants at C_Initialize; `{path}` in it stands for `path`
    std::string factory_so_pin;  ///< pkcs11: the SO PIN of a blank token, where its maker sets and publishes one; no secret
    std::string token_serial;  ///< pkcs11: only this token; empty: the first one
    bool operator==(const Reader&) const = default;
};

/// Tells one folder from another that took its place under the same path.
struct FolderIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t born = 0;  ///< nanoseconds; 0 where the file system does not say
    bool operator==(const FolderIdentity&) const = default;
};

/// A reader as it was found at one look.
struct ReaderState {
    Reader reader;
    std::optional<FolderIdentity> present;  ///< the UKEY's folder; pkcs11 without `path`: the module's file
    std::string problem;                    ///< why the entry cannot be used; empty: it can
    bool operator==(const ReaderState&) const = default;
};

/// Reads HOME/readers. An entry is
///   NAME        a directory, or a symlink to one: reader `NAME` of kind softhsm; the directory is the UKEY. A symlink whose target
///               is away is a reader without a UKEY.
///   NAME.toml   kind = "softhsm", path = "..."
///               kind = "pkcs11", module = "/path.so"; where needed token_serial = "..." (one of several tokens), path = "..." (the
///               folder in which the module keeps the token; the UKEY is plugged in while it is there), parameters = "..." (the
///               text that the module wants when it is started, `{path}` in the place of the folder),
///               factory_so_pin = "..." (the SO PIN that the maker gives every blank token; it is replaced when the UKEY is made)
/// A relative path starts at the readers folder. Names that begin with a dot are left alone. An entry that cannot be used is in the
/// answer with its problem. Sorted by name.
/// Thread: any; blocks for the time of some stat calls.
/// errors: io_failed, denied (the folder itself cannot be read). A folder that is not there has no readers.
base::Result<std::vector<ReaderState>> look_at_readers(const std::string& folder);

/// One entry by its path: a folder that is a UKEY, or a .toml file as look_at_readers reads it.
ReaderState look_at_reader(const std::string& path);
/// How a kmp-tokenhost is started for it.
std::vector<std::string> host_arguments(const Reader& reader);

struct ReaderEvent {
    enum class Kind : std::uint8_t { inserted, removed, empty, broken, gone };
    Kind kind{};
    ReaderState state;
};

/// Turns looks at the folder into events: inserted and removed for UKEYs, empty for a reader that has none (new, or after removed),
/// broken for an entry with a problem, gone for a reader that is no longer configured. A folder that was swapped is removed, then
/// inserted. All removed and gone come before the others.
class Readers {
public:
    explicit Readers(std::string folder) : folder_(std::move(folder)) {}
    /// The events since the last look.
    base::Result<std::vector<ReaderEvent>> poll();

private:
    std::string folder_;
    std::map<std::string, ReaderState> known_;
};

}  // namespace tokens
