#include "meter/control.h"

#include <nlohmann/json.hpp>

#include "meter/describe.h"
#include "meter/prepayment_meter.h"

namespace meter {
namespace {

using Json = nlohmann::ordered_json;

base::Error wrong(std::string what) { return {base::Code::invalid_argument, std::move(what)}; }

/// A whole number from `lowest` to `highest` that the request must have.
base::Result<std::int64_t> number_in(const Json& request, const char* key, std::int64_t lowest, std::int64_t highest) {
    const auto found = request.find(key);
    if (found == request.end() || !found->is_number_integer()) return wrong(std::string("give '") + key + "' as a whole number");
    if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(highest)) return wrong(std::string("'") + key + "' is too large");
    const auto value = found->get<std::int64_t>();
    if (value < lowest || value > highest) return wrong(std::string("'") + key + "' is out of range");
    return value;
}

base::Result<std::string> text_in(const Json& request, const char* key) {
    const auto found = request.find(key);
    if (found == request.end() || !found->is_string()) return wrong(std::string("give '") + key + "' as text");
    return found->get<std::string>();
}

/// The meter that "number" names; without it, the only one.
base::Result<PrepaymentMeter*> meter_in(const Json& request, const Bus& bus) {
    if (!request.contains("number")) {
        if (bus.meters().size() == 1) return &bus.meters().front()->program();
        return wrong("there are several meters: give 'number'");
    }
    KMP_TRY(const std::string text, text_in(request, "number"));
    KMP_TRY(const dlt645::Address number, dlt645::Address::parse(text));
    Meter* found = bus.find(number);
    if (found == nullptr) return base::Error{base::Code::not_found, "there is no meter " + text + " on this line"};
    return &found->program();
}

base::Result<Json> fail_phase(const Json& request, PrepaymentMeter& meter) {
    KMP_TRY(const std::string phase, text_in(request, "phase"));
    if (phase.size() != 1 || phase[0] < 'A' || phase[0] > 'C') return wrong("'phase' is A, B or C");
    const auto failed = request.find("failed");
    if (failed != request.end() && !failed->is_boolean()) return wrong("'failed' is true or false");
    meter.fail_phase(static_cast<std::size_t>(phase[0] - 'A'), failed == request.end() || failed->get<bool>());
    return Json::object();
}

base::Result<Json> one_meter(const std::string& command, const Json& request, PrepaymentMeter& meter) {
    if (command == "load") {
        KMP_TRY(const std::int64_t watts, number_in(request, "watts", 0, 1'000'000));
        meter.set_load(static_cast<std::uint32_t>(watts));
        return Json::object();
    }
    if (command == "fail-phase") return fail_phase(request, meter);
    if (command == "button") return Json{{"closed", meter.press_button()}};
    if (command == "show") {
        meter.tick(true);
        return Json{{"meter", Json::parse(describe_json(meter.report()))}};
    }
    return wrong("there is no command '" + command + "': give advance, load, fail-phase, button or show");
}

base::Result<Json> carry_out(std::string_view line, Bus& bus, DrivenClock& clock, DrivenClock& true_time) {
    const Json request = Json::parse(line, nullptr, false);
    if (!request.is_object()) return wrong("a command is one JSON object");
    KMP_TRY(const std::string command, text_in(request, "command"));
    if (command != "advance") {
        KMP_TRY(PrepaymentMeter* const meter, meter_in(request, bus));
        return one_meter(command, request, *meter);
    }
    constexpr std::int64_t kTenYears = 10LL * 366 * 86400;
    KMP_TRY(const std::int64_t seconds, number_in(request, "seconds", 0, kTenYears));
    clock.advance(seconds * base::kSecond);
    true_time.advance(seconds * base::kSecond);
    for (const auto& meter : bus.meters()) meter->program().tick(true);
    return Json::object();
}

}  // namespace

std::string Control::obey(std::string_view line) {
    const auto done = carry_out(line, bus_, clock_, true_time_);
    if (!done) return Json{{"ok", false}, {"error", done.error().message}}.dump(-1, ' ', false, Json::error_handler_t::replace);
    Json out{{"ok", true}};
    out.update(*done);
    return out.dump();
}

}  // namespace meter
