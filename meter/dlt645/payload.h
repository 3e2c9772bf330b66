#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "meter/dlt645/data_identifier.h"

namespace meter::dlt645 {

/// Builds the DATA of a frame from fields written most significant byte first; each field is turned round, as the
/// line wants it (docs/SUITE.md: each field reversed, ciphertexts and MACs included).
class PayloadWriter {
public:
    PayloadWriter& identifier(DataIdentifier id) { return field(id.bytes()); }
    PayloadWriter& field(base::ByteView most_significant_first) {
        out_.insert(out_.end(), most_significant_first.rbegin(), most_significant_first.rend());
        return *this;
    }
    PayloadWriter& u8(std::uint8_t v) {
        out_.push_back(v);
        return *this;
    }
    PayloadWriter& u16(std::uint16_t v);
    PayloadWriter& u32(std::uint32_t v);
    /// Bytes that travel in the order in which they are written: PA P0 P1 P2, C0..C3, N1 N2 ss mm hh DD MM YY.
    PayloadWriter& in_order(base::ByteView bytes) {
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    base::Bytes take() { return std::move(out_); }

private:
    base::Bytes out_;
};

/// Takes the DATA of a frame apart again. The first field that is not there makes every later read fail with malformed.
/// It does not own what it reads; fields are copies.
class PayloadReader {
public:
    explicit PayloadReader(base::ByteView data) noexcept : in_(data) {}
    base::Result<DataIdentifier> identifier();
    /// `size` bytes, most significant first.
    base::Result<base::Bytes> field(std::size_t size);
    template <std::size_t N>
    base::Result<std::array<std::uint8_t, N>> field() {
        KMP_TRY(const base::Bytes bytes, field(N));
        std::array<std::uint8_t, N> out;
        std::copy(bytes.begin(), bytes.end(), out.begin());
        return out;
    }
    base::Result<std::uint8_t> u8();
    base::Result<std::uint16_t> u16();
    base::Result<std::uint32_t> u32();
    base::Result<base::Bytes> in_order(std::size_t size);
    std::size_t left() const noexcept { return in_.left(); }
    /// malformed unless everything has been read.
    base::Status end() const { return in_.end(); }

private:
    base::ByteReader in_;
};

}  // namespace meter::dlt645
