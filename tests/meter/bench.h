#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "meter/esam/esam.h"
#include "meter/high_grade_meter.h"
#include "meter/low_grade_meter.h"

/// A bench for one meter in memory: its clock, its storage, and a station whose secured fields the openssl command makes.
namespace bench {

using base::Bytes;
using Keys = std::vector<Bytes>;

enum class Grade { low, high };

inline constexpr std::string_view kNumber = "123456789012";
inline constexpr std::string_view kCustomer = "000000654321";
inline constexpr base::Millis kStart = 1'795'330'800'000;  // 2026-11-22T07:00:00Z

/// From tests/data/suite-aes128.json: keys 0 to 8 of the factory set, and of the private set of version 1 of meter kNumber.
Keys factory_keys();
Keys private_keys();
/// Keys of no meaning, for further versions and for the ids 9 to 19.
Keys made_up_keys(std::uint8_t seed, std::size_t count = 9);
/// The private set with all the keys that a meter of this grade has.
Keys whole_set(Grade grade);

class MemoryStorage final : public meter::Storage {
public:
    base::Status save(const base::Secret& record) override;
    bool empty() const { return record_.empty(); }
    /// What a power loss would leave.
    template <class F>
    auto last(F&& decode) const {
        return record_.reveal([&](base::ByteView record) { return decode(record).value(); });
    }
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
    explicit Bench(Grade grade = Grade::low, meter::MeterSettings settings = {});

    Grade grade() const { return grade_; }
    std::size_t key_count() const { return grade_ == Grade::low ? 9 : 20; }
    meter::Meter& meter() { return *meter_; }
    meter::PrepaymentMeter& program() { return meter_->program(); }
    /// Keys and money, wherever they are; and everything else.
    const meter::SecurityState& security() const { return grade_ == Grade::low ? low_->security() : esam_->state(); }
    const meter::MeteringState& metering() { return program().state(); }
    /// The power goes and comes back.
    void power_cycle();
    void break_storage(bool broken) { storage.broken = element_storage.broken = broken; }
    /// What a power loss would leave of keys and money.
    meter::SecurityState stored() const;
    void store(const meter::SecurityState& state);
    /// Puts the meter where a station would: the private set of version 1 in force.
    void install_private_keys();
    /// The simulated time passes, and the meter counts it.
    void pass(base::Millis time) {
        clock.advance(time);
        program().tick(true);
    }

    std::optional<meter::dlt645::Frame> send(std::uint8_t control, const Bytes& data, std::string_view address = kNumber);
    /// Precondition: the meter answers.
    Reply command(std::uint32_t di, const Bytes& payload);
    /// The value of a reading, fields reversed; nothing when it is refused.
    std::optional<Bytes> read(std::uint32_t di);

    /// Keeps R2. `factor` as 8 bytes of hex.
    Reply authenticate(const Keys& keys, std::string_view factor);
    Reply authenticate_factory() { return authenticate(factory_keys(), "0000000000000001"); }
    Reply authenticate_private() { return authenticate(private_keys(), "0000123456789012"); }
    /// `di` 070101FF, 070102FF, 070104FF or 070105FF.
    Reply purchase(std::uint32_t di, const Keys& keys, std::uint32_t amount, std::uint32_t count, std::string_view customer = kCustomer);
    Reply initialise_wallet(const Keys& keys, std::uint32_t amount, std::uint32_t count);
    Reply set_validity(const Keys& keys, std::string_view minutes);
    /// One record of the 2009 profile. `number` is the meter the record is for.
    Reply update_key(const Keys& old_keys, std::uint8_t id, const Bytes& new_key, std::uint8_t state, std::uint8_t version,
                     std::string_view number = kNumber);
    /// One frame of the 2013 profile: the keys with these ids of the set `fresh`.
    Reply update_keys_2013(const Keys& old_keys, const Keys& fresh, const std::vector<std::uint8_t>& ids, std::uint8_t state, std::uint8_t version,
                           std::string_view number = kNumber);
    /// The DATA of such a frame, and of others, for tests that spoil it.
    Bytes update_2013_payload(const Keys& old_keys, const Keys& fresh, const std::vector<std::uint8_t>& ids, std::uint8_t state, std::uint8_t version,
                              std::string_view number = kNumber);
    Bytes purchase_payload(std::uint32_t di, const Keys& keys, std::uint32_t amount, std::uint32_t count, std::string_view customer = kCustomer);
    Bytes initialisation_payload(const Keys& keys, std::uint32_t amount, std::uint32_t count);
    Bytes validity_payload(const Keys& keys, std::string_view minutes);
    Bytes update_payload(const Keys& old_keys, std::uint8_t id, const Bytes& new_key, std::uint8_t state, std::uint8_t version,
                         std::string_view number = kNumber);
    Bytes relay_data(const Keys& keys, std::string_view order);
    /// 14H. `wire` as the line carries the parameter.
    Bytes write_data(const Keys& keys, std::uint8_t pa, std::uint32_t di, std::string_view wire);
    /// Its error word, 0 for a success.
    unsigned write(const Keys& keys, std::uint8_t pa, std::uint32_t di, std::string_view wire);
    /// The error word of a relay command, 0 for a success.
    unsigned relay(const Keys& keys, std::string_view order);
    unsigned plain_relay(std::string_view order, std::string_view access = "0000000000000000");

    base::ManualClock clock{kStart};
    MemoryStorage storage;          ///< the meter's file
    MemoryStorage element_storage;  ///< high grade: the secure element's
    Bytes r1{1, 2, 3, 4, 5, 6, 7, 8};
    Bytes r2;
    bool spoil_mac = false;  ///< the next MACs are wrong
    bool quick = false;      ///< MACs by the meter's own suite, which other tests hold against openssl: for tests that need thousands

private:
    Bytes mac(const Bytes& key, std::string_view command, std::uint8_t part, const Bytes& fields);
    Grade grade_;
    meter::MeterSettings settings_;
    std::unique_ptr<meter::esam::Esam> esam_;
    std::unique_ptr<meter::Meter> meter_;
    const meter::LowGradeMeter* low_ = nullptr;
};

/// The 2009 identifier of a key, from table 1.3.
std::uint32_t update_identifier(std::uint8_t id);
Bytes big_endian(std::uint32_t v);
Bytes reversed(base::ByteView v);

}  // namespace bench
