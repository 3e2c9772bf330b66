#include "meter/control.h"

#include <asio/buffers_iterator.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read_until.hpp>
#include <asio/streambuf.hpp>
#include <asio/write.hpp>
#include <nlohmann/json.hpp>

#include "meter/card/slot.h"
#include "meter/describe.h"
#include "meter/prepayment_meter.h"

namespace meter {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxAnswer = 1u << 20;

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

/// Which APDU of an insertion; 0 where the request does not say.
base::Result<unsigned> apdu_in(const Json& request, const char* key) {
    if (!request.contains(key)) return 0u;
    KMP_TRY(const std::int64_t value, number_in(request, key, 1, 1000));
    return static_cast<unsigned>(value);
}

/// A card comes into the meter's slot, and is read while the line waits.
base::Result<Json> insert_card(const Json& request, PrepaymentMeter& meter) {
    KMP_TRY(const std::string where, text_in(request, "card"));
    card::Pull pull;
    KMP_TRY(pull.at, apdu_in(request, "pull_at"));
    KMP_TRY(pull.after, apdu_in(request, "pull_after"));
    KMP_TRY(auto reader, card::open_slot(where));
    card::SlotOfMeter slot(std::move(reader), pull);
    const Insertion done = meter.insert(slot);
    if (!done.ok()) return base::Error{base::Code::refused, done.text()};
    return Json{{"insertion", done.text()}};
}

base::Result<Json> one_meter(const std::string& command, const Json& request, PrepaymentMeter& meter) {
    if (command == "load") {
        KMP_TRY(const std::int64_t watts, number_in(request, "watts", 0, 1'000'000));
        meter.set_load(static_cast<std::uint32_t>(watts));
        return Json::object();
    }
    if (command == "fail-phase") return fail_phase(request, meter);
    if (command == "insert") return insert_card(request, meter);
    if (command == "button") return Json{{"closed", meter.press_button()}};
    if (command == "show") {
        meter.tick(true);
        return Json{{"meter", Json::parse(describe_json(meter.report()))}};
    }
    return wrong("there is no command '" + command + "': give advance, load, fail-phase, insert, button or show");
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

base::Result<std::string> ask_control(const std::string& socket, std::string_view command) {
    asio::io_context io;
    asio::local::stream_protocol::socket stream(io);
    asio::error_code error;
    stream.connect(asio::local::stream_protocol::endpoint(socket), error);
    if (error) return {base::Code::not_found, "no meter is controlled at " + socket + ": " + error.message()};
    asio::write(stream, asio::buffer(std::string(command) + "\n"), error);
    asio::streambuf in(kMaxAnswer);
    if (!error) asio::read_until(stream, in, '\n', error);
    if (error) return {base::Code::io_failed, "the meter at " + socket + " did not answer: " + error.message()};
    const std::string line(asio::buffers_begin(in.data()), asio::buffers_end(in.data()));
    const Json answer = Json::parse(line, nullptr, false);
    if (!answer.is_object() || !answer.contains("ok")) return {base::Code::malformed, "the meter at " + socket + " answered with something else than JSON"};
    if (!answer["ok"].get<bool>()) return {base::Code::refused, answer.value("error", "the meter gives no reason")};
    return line;
}

std::string Control::obey(std::string_view line) {
    const auto done = carry_out(line, bus_, clock_, true_time_);
    if (!done) return Json{{"ok", false}, {"error", done.error().message}}.dump(-1, ' ', false, Json::error_handler_t::replace);
    Json out{{"ok", true}};
    out.update(*done);
    return out.dump();
}

}  // namespace meter
