#pragma once
#include <memory>
#include <string>
#include <vector>

#include "audit/envelope.h"
#include "base/pin_source.h"

/// How kmp-audit opens sealed files: with an auditor UKEY of its own, in this process's memory and nowhere else.
namespace audit {

/// As the command line says it.
struct OpeningOptions {
    std::string ukey;        ///< a soft UKEY's folder, or the .toml file of a reader; empty: none was given
    std::string tokenhost;   ///< the program; empty: beside this one
    std::vector<std::string> pin_fds;
};

/// One UKEY for all files of a run: its PIN is asked for once, when the first sealed file is met, or never.
class Opening {
public:
    /// invalid_argument: --pin-fd values that are none.
    static base::Result<Opening> prepare(OpeningOptions options);
    Opening(Opening&&) noexcept;
    ~Opening();

    /// Reads a file as what is in it. Must not outlive this, nor `sealed`, which is told at the first read whether it was. errors of the source: invalid_argument (it is sealed, and no UKEY was named), denied (it is
    /// sealed to others), wrong_pin, those of the UKEY, malformed
    ByteSource read(ByteSource source, bool* sealed = nullptr);

private:
    struct Open;
    explicit Opening(std::unique_ptr<Open> open);
    std::unique_ptr<Open> open_;
};

}  // namespace audit
