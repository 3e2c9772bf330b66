#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "meter/low_grade_meter.h"

/// A bench for one meter in memory: its clock, its storage, and a station whose secured fields the openssl command makes.
namespace bench {

using base::Bytes;
using Keys = std::array<Bytes, 9>;

inline constexpr std::string_view kNumber = "123456789012";
inline constexpr std::string_view kCustomer = "000000654321";
inline constexpr base::Millis kStart = 1'795'330'800'000;  // 2026-11-22T07:00:00Z

/// From tests/data/suite-aes128.json: the factory set, and the private set of version 1 of meter kNumber.
Keys factory_keys();
Keys private_keys();
/// Nine keys of no meaning, for further versions.
Keys made_up_keys(std::uint8_t seed);

class MemoryStorage final : public meter::Storage {
public:
    base::Status save(const meter::MeterState& state) override;
    /// What a power loss would leave.
    meter::MeterState last() const;
    int saves = 0;
    bool broken = false;

private:
    base::Secret record_;
};

/// The SERR or error word of a refusal, nothing for a success.
struct Reply {
    bool error = false;
    Bytes data;  ///< behind the DI for a success; the whole DATA of a refusal
    unsigned serr() const { return error && data.size() == 2 ? data[0] | static_cast<unsigned>(data[1]) << 8 : 0; }
};

class Bench {
public:
    explicit Bench(meter::MeterSettings settings = {});

    meter::LowGradeMeter& meter() { return *meter_; }
    /// The power goes and comes back.
    void power_cycle();
    /// Puts the meter where a station would: the private set of version 1 in force.
    void install_private_keys();

    std::optional<meter::dlt645::Frame> send(std::uint8_t control, const Bytes& data, std::string_view address = kNumber);
    /// Precondition: the meter answers.
    Reply security(std::uint32_t di, const Bytes& payload);

    /// Keeps R2. `factor` as 8 bytes of hex.
    Reply authenticate(const Keys& keys, std::string_view factor);
    Reply authenticate_factory() { return authenticate(factory_keys(), "0000000000000001"); }
    Reply authenticate_private() { return authenticate(private_keys(), "0000123456789012"); }
    /// `di` 070101FF or 070102FF.
    Reply purchase(std::uint32_t di, const Keys& keys, std::uint32_t amount, std::uint32_t count, std::string_view customer = kCustomer);
    Reply initialise_wallet(const Keys& keys, std::uint32_t amount, std::uint32_t count);
    Reply set_validity(const Keys& keys, std::string_view minutes);
    /// One record of the 2009 profile. `number` is the meter the record is for.
    Reply update_key(const Keys& old_keys, std::uint8_t id, const Bytes& new_key, std::uint8_t state, std::uint8_t version,
                     std::string_view number = kNumber);
    /// The error word of a relay command, 0 for a success.
    unsigned relay(const Keys& keys, std::string_view order);
    unsigned plain_relay(std::string_view order, std::string_view access = "0000000000000000");

    base::ManualClock clock{kStart};
    MemoryStorage storage;
    Bytes r1{1, 2, 3, 4, 5, 6, 7, 8};
    Bytes r2;
    bool spoil_mac = false;  ///< the next MACs are wrong

private:
    Bytes mac(const Bytes& key, std::string_view command, std::uint8_t part, const Bytes& fields);
    meter::MeterSettings settings_;
    std::unique_ptr<meter::LowGradeMeter> meter_;
};

/// The 2009 identifier of a key, from table 1.3.
std::uint32_t update_identifier(std::uint8_t id);
Bytes big_endian(std::uint32_t v);
Bytes reversed(base::ByteView v);

}  // namespace bench
