#include "vending/reading.h"

#include <algorithm>
#include <bit>
#include <cstdio>

#include "meter/dlt645/error_word.h"
#include "vending/bcd.h"

namespace vending {
namespace {

using base::Code;
using Field = base::Bytes;
using Words = std::optional<std::string>;

/// A BCD field with `places` decimals. Nothing: it is not BCD.
Words decimal(const Field& field, unsigned places) {
    const auto number = from_bcd(field);
    if (!number) return std::nullopt;
    std::uint64_t scale = 1;
    for (unsigned i = 0; i < places; ++i) scale *= 10;
    char out[48];
    if (places == 0) std::snprintf(out, sizeof out, "%llu", static_cast<unsigned long long>(*number));
    else std::snprintf(out, sizeof out, "%llu.%0*llu", static_cast<unsigned long long>(*number / scale), static_cast<int>(places), static_cast<unsigned long long>(*number % scale));
    return std::string(out);
}

Words whole(const Field& f) { return decimal(f, 0); }
Words hundredths(const Field& f) { return decimal(f, 2); }
Words digits(const Field& f) { return from_bcd(f) ? Words(base::to_hex(f)) : std::nullopt; }

Words date(const Field& f) {
    if (!from_bcd(f)) return std::nullopt;
    const std::string t = base::to_hex(f);
    return "20" + t.substr(0, 2) + "-" + t.substr(2, 2) + "-" + t.substr(4, 2);
}
Words clock_time(const Field& f) {
    if (!from_bcd(f)) return std::nullopt;
    const std::string t = base::to_hex(f);
    return t.substr(0, 2) + ":" + t.substr(2, 2) + ":" + t.substr(4, 2);
}
Words minute(const Field& f) {
    if (!from_bcd(f)) return std::nullopt;
    const std::string t = base::to_hex(f);
    if (*from_bcd(f) == 0) return "none";
    return "20" + t.substr(0, 2) + "-" + t.substr(2, 2) + "-" + t.substr(4, 2) + " " + t.substr(6, 2) + ":" + t.substr(8, 2);
}
Words state(const Field& f) {
    using W = dlt645::StatusWord3;
    const unsigned word = static_cast<unsigned>(f[0]) << 8 | f[1];
    std::string out = (word & W::kRelayOpen) != 0 ? "relay open" : "relay closed";
    if ((word & W::kRelayCommandOpen) != 0) out += ", tripped by command";
    if ((word & W::kAlarm) != 0) out += ", alarm";
    if ((word & W::kKeepPower) != 0) out += ", supply guaranteed";
    if ((word & W::kIdentityValid) != 0) out += ", authenticated";
    return out;
}
Words keys(const Field& f) {
    unsigned bits = 0;
    for (const std::uint8_t b : f) bits = bits << 8 | b;
    return bits == 0 ? std::string("factory keys") : std::to_string(std::popcount(bits)) + " private keys";
}

struct Register {
    std::string_view name;
    std::string_view words;
    std::uint32_t where;
    std::size_t size;
    Words (*value)(const Field&);
    std::string_view unit;
};
// source: DL/T 645-2007, annex A
constexpr std::array kRegisters{
    Register{"energy", "total energy", 0x00000000, 4, hundredths, " kWh"},
    Register{"forward-energy", "forward energy", 0x00010000, 4, hundredths, " kWh"},
    Register{"balance", "balance", 0x00900200, 4, hundredths, " yuan"},
    Register{"overdraft", "overdraft", 0x00900201, 4, hundredths, " yuan"},
    Register{"date", "date", 0x04000101, 4, date, ""},
    Register{"time", "time", 0x04000102, 3, clock_time, ""},
    Register{"seasons-switch", "switch of the seasons", 0x04000106, 5, minute, ""},
    Register{"days-switch", "switch of the day tables", 0x04000107, 5, minute, ""},
    Register{"prices-switch", "switch of the prices", 0x04000108, 5, minute, ""},
    Register{"ladder-switch", "switch of the ladder", 0x04000109, 5, minute, ""},
    Register{"keys", "number of keys", 0x04000208, 1, whole, ""},
    Register{"key-state", "key state", 0x04000508, 4, keys, ""},
    Register{"current-ratio", "current transformer ratio", 0x04000306, 3, whole, ""},
    Register{"voltage-ratio", "voltage transformer ratio", 0x04000307, 3, whole, ""},
    Register{"address", "communication address", 0x04000401, 6, digits, ""},
    Register{"number", "meter number", 0x04000402, 6, digits, ""},
    Register{"state", "state", 0x04000503, 2, state, ""},
    Register{"alarm1", "alarm amount 1", 0x04001001, 4, hundredths, " yuan"},
    Register{"alarm2", "alarm amount 2", 0x04001002, 4, hundredths, " yuan"},
    Register{"overdraft-limit", "overdraft limit", 0x04001003, 4, hundredths, " yuan"},
    Register{"hoarding", "hoarding limit", 0x04001004, 4, hundredths, " yuan"},
};

}  // namespace

std::vector<std::string_view> reading_names() {
    std::vector<std::string_view> out;
    for (const Register& r : kRegisters) out.push_back(r.name);
    return out;
}

base::Result<Reading> read_register(Dialogue& meter, const std::string& name) {
    const auto r = std::find_if(kRegisters.begin(), kRegisters.end(), [&](const Register& each) { return each.name == name; });
    if (r == kRegisters.end()) {
        std::string known;
        for (const Register& each : kRegisters) known += (known.empty() ? "" : ", ") + std::string(each.name);
        return {Code::invalid_argument, "there is no reading '" + name + "'; there are " + known};
    }
    KMP_TRY(const base::Bytes field, meter.read(dlt645::DataIdentifier(r->where)));
    const auto value = field.size() == r->size ? r->value(field) : std::nullopt;
    if (!value) return {Code::malformed, "meter " + meter.meter().text() + " gave " + base::to_hex(field) + " as its " + std::string(r->words)};
    return Reading{std::string(r->words) + " " + *value + std::string(r->unit), *value};
}

}  // namespace vending
