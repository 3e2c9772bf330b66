#include "vending/line.h"

#include <algorithm>
#include <array>
#include <optional>

#include "meter/dlt645/data_identifier.h"
#include "meter/dlt645/decoder.h"
#include "meter/dlt645/error_word.h"
#include "meter/dlt645/payload.h"

namespace vending {
namespace {

using base::Code;
using dlt645::Frame;
using dlt645::Function;
using Steady = std::chrono::steady_clock;

/// However much a line babbles, an answer is waited for no longer than this beyond its time.
constexpr Wait kLongestAnswer{10000};

bool carries_identifier(Function function) noexcept { return function == Function::security || function == Function::read; }

/// Does `heard` answer `request`?
bool answers(const Frame& heard, const Frame& request) {
    if (!heard.control.is_reply() || heard.control.function() != request.control.function()) return false;
    if (!request.address.matches(heard.address)) return false;
    if (heard.control.is_error() || !carries_identifier(request.control.function())) return true;
    return heard.data.size() >= 4 && request.data.size() >= 4 && std::equal(heard.data.begin(), heard.data.begin() + 4, request.data.begin());
}

base::Error refusal(const Frame& heard) {
    const std::string who = "meter " + heard.address.text() + " refused: ";
    dlt645::PayloadReader in(heard.data);
    if (heard.control.function() == Function::security && heard.data.size() == 2) {
        const std::uint16_t serr = *in.u16();
        return {Code::refused, who + dlt645::describe_serr(serr), serr};
    }
    if (heard.data.size() == 1) {
        const std::uint8_t word = *in.u8();
        // Meters were seen that answer 03H with one byte: the low half of SERR.
        return {Code::refused, who + (heard.control.function() == Function::security ? dlt645::describe_serr(word) : dlt645::describe_error_word(word)), word};
    }
    return {Code::refused, who + "error word " + base::to_hex(heard.data), 0};
}

}  // namespace

base::Result<Line> Line::open(std::string_view name, LineSettings settings) {
    KMP_TRY(auto channel, open_channel(name));
    return Line(std::move(channel), settings);
}

base::Status Line::clear() {
    std::array<std::uint8_t, 512> waste;
    const auto deadline = Steady::now() + settings_.answer + kLongestAnswer;
    // What lies there already is of no use; after a silence of the meter its answer may still be on the way.
    const Wait wait = unanswered_ ? settings_.quiet : Wait(0);
    for (;;) {
        KMP_TRY(const std::size_t n, channel_->read(waste, wait));
        if (n == 0) break;
        if (Steady::now() > deadline) return {Code::io_failed, "the line does not fall silent: is another station on it, or is its speed or parity wrong?"};
    }
    unanswered_ = false;
    return {};
}

base::Status Line::send(const Frame& request) {
    KMP_CHECK(clear());
    KMP_TRY(const base::Bytes bytes, dlt645::encode(request));
    return channel_->write(bytes);
}

base::Result<Frame> Line::hear(const Frame& request) {
    dlt645::Decoder decoder;
    std::array<std::uint8_t, 512> chunk;
    const Wait sending = channel_->duration(dlt645::kFrameOverhead + dlt645::kUsualPreamble + request.data.size());
    const auto start = Steady::now();
    auto deadline = start + sending + settings_.answer;
    const auto last = deadline + kLongestAnswer;
    const auto pick = [&](std::vector<Frame> heard) -> std::optional<Frame> {
        for (Frame& frame : heard) {
            if (answers(frame, request)) return std::move(frame);
            if (frame.control.is_reply()) ++passed_over_;
        }
        return std::nullopt;
    };
    while (Steady::now() < deadline) {
        const auto left = std::chrono::ceil<Wait>(deadline - Steady::now());
        KMP_TRY(const std::size_t n, channel_->read(chunk, decoder.held() > 0 ? std::min(left, settings_.quiet) : left));
        if (n == 0) {
            // A broken frame may hide a whole one.
            if (auto frame = pick(decoder.quiet())) return std::move(*frame);
            continue;
        }
        if (auto frame = pick(decoder.push(base::ByteView(chunk).first(n)))) return std::move(*frame);
        if (decoder.held() > 0) deadline = std::min(last, std::max(deadline, Steady::now() + settings_.quiet));
    }
    unanswered_ = true;
    disturbed_ = true;
    return {Code::timeout, "no answer"};
}

base::Result<Frame> Line::ask(const Frame& request, Repeat repeat) {
    passed_over_ = 0;
    const unsigned tries = repeat == Repeat::yes ? std::max(1u, settings_.tries) : 1;
    for (unsigned i = 0; i < tries; ++i) {
        KMP_CHECK(send(request));
        auto heard = hear(request);
        if (heard && heard->control.is_error()) return refusal(*heard);
        if (heard || heard.error().code != Code::timeout) return heard;
    }
    std::string text = request.address.has_wildcard() ? "no meter answers on the line" : "meter " + request.address.text() + " does not answer";
    if (tries > 1) text += " (" + std::to_string(tries) + " tries)";
    if (passed_over_ > 0) text += "; " + std::to_string(passed_over_) + " answers of other meters or to other requests were passed over";
    return {Code::timeout, std::move(text)};
}

}  // namespace vending
