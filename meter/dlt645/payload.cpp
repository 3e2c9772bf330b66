#include "meter/dlt645/payload.h"

namespace meter::dlt645 {

PayloadWriter& PayloadWriter::u16(std::uint16_t v) {
    return u8(static_cast<std::uint8_t>(v)).u8(static_cast<std::uint8_t>(v >> 8));
}

PayloadWriter& PayloadWriter::u32(std::uint32_t v) {
    return u16(static_cast<std::uint16_t>(v)).u16(static_cast<std::uint16_t>(v >> 16));
}

base::Result<DataIdentifier> PayloadReader::identifier() {
    KMP_TRY(const std::uint32_t value, u32());
    return DataIdentifier(value);
}

base::Result<base::Bytes> PayloadReader::field(std::size_t size) {
    KMP_TRY(const base::ByteView view, in_.bytes(size));
    return base::Bytes(view.rbegin(), view.rend());
}

base::Result<std::uint8_t> PayloadReader::u8() { return in_.u8(); }

base::Result<std::uint16_t> PayloadReader::u16() {
    KMP_TRY(const base::ByteView b, in_.bytes(2));
    return static_cast<std::uint16_t>(b[0] | b[1] << 8);
}

base::Result<std::uint32_t> PayloadReader::u32() {
    KMP_TRY(const base::ByteView b, in_.bytes(4));
    return static_cast<std::uint32_t>(b[0]) | static_cast<std::uint32_t>(b[1]) << 8 | static_cast<std::uint32_t>(b[2]) << 16 |
           static_cast<std::uint32_t>(b[3]) << 24;
}

base::Result<base::Bytes> PayloadReader::in_order(std::size_t size) {
    KMP_TRY(const base::ByteView view, in_.bytes(size));
    return base::to_bytes(view);
}

}  // namespace meter::dlt645
