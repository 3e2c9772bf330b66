#pragma once
#include <array>
#include <cstdint>

#include "base/clock.h"
#include "meter/dlt645/data_identifier.h"
#include "model/keys.h"
#include "vending/line.h"

namespace kmp::v1 {
class AuthenticateReply;
class KeyFrame;
class KeyRecord;
}  // namespace kmp::v1

namespace vending {

/// What a station says to one meter. Fields are most significant byte first here; the line turns each round (docs/SUITE.md).
/// Errors as Line::ask, and malformed for an answer whose fields are not what the command gives. One thread at a time.
class Dialogue {
public:
    Dialogue(Line& line, model::MeterNumber meter);
    /// The number of the one meter on the line (13H to the wildcard address).
    static base::Result<model::MeterNumber> read_address(Line& line);

    model::MeterNumber meter() const noexcept { return meter_; }
    Line& line() noexcept { return line_; }
    /// Reads the communication address at the meter's own address: refused when another number answers.
    base::Status confirm_address();

    struct Authenticated {
        std::array<std::uint8_t, 4> r2;
        std::array<std::uint8_t, 8> element;  ///< number of the secure element
    };
    /// 070000FF. The meter answers only when K1 fits its own key: a success proves what keys it holds.
    base::Result<Authenticated> authenticate(const kmp::v1::AuthenticateReply& proof);

    struct Order {
        dlt645::DataIdentifier command;  ///< of an opening, a recharge, a refund or a clear: they look alike
        std::uint32_t amount;            ///< 0.01 yuan
        std::uint32_t count;
        model::CustomerNumber customer;
        base::ByteView mac1;
        base::ByteView mac2;
    };
    /// Never sent twice.
    base::Status purchase(const Order& order);
    /// 070103FF. Never sent twice.
    base::Status initialise_wallet(std::uint32_t amount, base::ByteView mac1, base::ByteView mac2);

    struct Status {
        std::array<std::uint8_t, 4> balance;
        std::array<std::uint8_t, 4> balance_mac;
        std::array<std::uint8_t, 4> count;
        std::array<std::uint8_t, 4> count_mac;
        std::array<std::uint8_t, 6> customer;
        std::array<std::uint8_t, 4> key_info;
    };
    /// 078102FF. Worth something only once the platform has checked its MACs.
    base::Result<Status> query_status();

    /// 0702xxFF. Sent again when no answer comes: a meter that has it stages the same record once more.
    base::Status update_key(const kmp::v1::KeyRecord& record);

    /// 070301FF: up to four records of 36 bytes. Sent again when no answer comes, as update_key.
    base::Status update_keys(const kmp::v1::KeyFrame& frame);

    /// 1CH with PA=98. Never sent twice.
    base::Status relay(base::ByteView ciphertext, base::ByteView mac);

    /// 070001FF; `minutes` 1 to 9999. Sent again when no answer comes: it says the same once more.
    base::Status set_validity(unsigned minutes, base::ByteView mac);

    struct Ended {
        std::array<std::uint8_t, 6> customer;
        std::array<std::uint8_t, 4> balance;
        std::array<std::uint8_t, 4> count;
        std::array<std::uint8_t, 4> key_info;
    };
    /// 070002FF. What it tells carries no MAC: good for a look, not for books. Never sent twice: the second would be refused.
    base::Result<Ended> end();

    /// A piece of a file of the secure element.
    struct Piece {
        std::uint16_t directory;
        std::uint16_t file;
        std::uint16_t start;
        std::uint16_t length;
    };
    struct Told {
        base::Bytes data;
        std::array<std::uint8_t, 4> mac;
    };
    /// 078001FF. Worth something only once the platform has checked its MAC.
    base::Result<Told> read_back(const Piece& piece);

    /// 14H: plain with PA=99, a ciphertext with PA=98. Sent again when no answer comes: a register takes the same value twice.
    base::Status write(dlt645::DataIdentifier what, bool encrypted, base::ByteView field, base::ByteView mac);

    /// 11H: the field of a register, as long as the meter gives it, most significant byte first.
    base::Result<base::Bytes> read(dlt645::DataIdentifier what);

    /// What the meter's own clock shows, as if it were UTC. Plain reads: good for a validity that R2 protects anyway.
    base::Result<base::Millis> clock();

private:
    base::Result<dlt645::Frame> security(dlt645::DataIdentifier command, base::ByteView fields, Line::Repeat repeat);
    base::Result<base::Bytes> read(dlt645::DataIdentifier what, std::size_t size);

    Line& line_;
    model::MeterNumber meter_;
    dlt645::Address address_;
};

}  // namespace vending
