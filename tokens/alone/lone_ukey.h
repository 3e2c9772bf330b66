#pragma once
#include <sys/types.h>

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/ids.h"
#include "model/ukey.h"
#include "tokens/host/frame.h"

namespace tokens::alone {

/// One UKEY that this program has open by a kmp-tokenhost of its own, without a service. Nothing counts wrong PINs here but the token.
/// One thread at a time; every call blocks, a minute at most.
class LoneUkey {
public:
    /// Starts the tokenhost and looks at what is there. `path`: a soft UKEY's folder, or the file of a reader (docs/ARCHITECTURE.md 8);
    /// `tokenhost`: the program; empty: beside this one.
    /// errors: not_found (nothing there, or no tokenhost), malformed (the reader's file), refused (no UKEY of a platform), token_failed
    static base::Result<LoneUkey> open(const std::string& path, const std::string& tokenhost);
    LoneUkey(LoneUkey&&) noexcept = default;
    LoneUkey& operator=(LoneUkey&&) = delete;
    ~LoneUkey();

    const base::UkeySerial& serial() const noexcept { return serial_; }
    /// With the PIN that a person types. Not for kinds whose PIN takes a pepper. wrong_pin, token_failed.
    base::Status login(const base::Secret& pin);
    /// DER; what is sealed to this UKEY is sealed to the key in it. key_missing: it has none.
    base::Result<base::Bytes> transport_certificate();
    /// The content key of a sealed file. key_invalid: it was sealed to another UKEY, or changed.
    base::Result<base::Secret> open_export_key(base::ByteView blob);

private:
    struct Answer {
        host::pb::HostReply reply;
        std::vector<host::RoleSecret> secrets;
    };
    LoneUkey() : reader_(std::make_unique<host::FrameReader>()) {}
    base::Status start(const std::string& tokenhost, std::vector<std::string> arguments);
    base::Result<Answer> ask(host::pb::HostRequest request, std::vector<host::RoleSecret> secrets = {});

    struct Process {
        pid_t id = -1;
        Process() = default;
        Process(Process&& other) noexcept : id(std::exchange(other.id, -1)) {}
    };
    Process process_;
    base::Fd socket_;
    std::unique_ptr<host::FrameReader> reader_;
    std::uint64_t next_id_ = 1;
    base::UkeySerial serial_;
    base::Bytes salt_;
};

}  // namespace tokens::alone
