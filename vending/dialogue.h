#pragma once
#include <array>
#include <cstdint>

#include "base/clock.h"
#include "meter/dlt645/data_identifier.h"
#include "model/keys.h"
#include "vending/line.h"

namespace kmp::v1 {
class AuthenticateReply;
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
    /// Reads the communication address at the meter's own address: refused when another number answers.
    base::Status confirm_address();

    struct Authenticated {
        std::array<std::uint8_t, 4> r2;
        std::array<std::uint8_t, 8> element;  ///< number of the secure element
    };
    /// 070000FF. The meter answers only when K1 fits its own key: a success proves what keys it holds.
    base::Result<Authenticated> authenticate(const kmp::v1::AuthenticateReply& proof);

    struct Order {
        dlt645::DataIdentifier command;  ///< di::kOpenAccount or di::kRecharge
        std::uint32_t amount;            ///< 0.01 yuan
        std::uint32_t count;
        model::CustomerNumber customer;
        base::ByteView mac1;
        base::ByteView mac2;
    };
    /// Never sent twice.
    base::Status purchase(const Order& order);

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

    /// 1CH with PA=98. Never sent twice.
    base::Status relay(base::ByteView ciphertext, base::ByteView mac);

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
