#include "tokens/host/injection.h"

namespace tokens::host {

base::Bytes injection_bytes(std::string_view receiver, const base::Digest& transport_spki, const MasterId& master, base::ByteView ciphertext) {
    base::ByteWriter out;
    out.u8(1);
    out.sized16(receiver);
    out.bytes(transport_spki);
    out.u8(static_cast<std::uint8_t>(master.key_class));
    out.u8(static_cast<std::uint8_t>(master.state));
    out.u8(master.version);
    out.sized16(ciphertext);
    return std::move(out).take();
}

base::Bytes statement_bytes(std::string_view purpose, base::ByteView statement) {
    base::ByteWriter out;
    out.text("kmp/v1/");
    out.text(purpose);
    out.u8(0);
    out.bytes(statement);
    return std::move(out).take();
}

}  // namespace tokens::host
