#include "vending/line.h"

#include <gtest/gtest.h>

#include "tests/vending/fake_meter.h"

namespace di = meter::dlt645::di;
using base::Bytes;
using base::Code;
using meter::dlt645::Address;
using meter::dlt645::Control;
using meter::dlt645::Frame;
using meter::dlt645::Function;
using meter::dlt645::PayloadWriter;
using tests::FakeMeter;
using vending::Line;
using vending::Wait;

namespace {

const std::string kMeter = "202611220001";
// Waits of tests: long enough for a loaded machine where an answer comes, short where none does.
const vending::LineSettings kPatient{Wait(5000), Wait(100), 3};
const vending::LineSettings kBrief{Wait(60), Wait(30), 3};

Frame read_request(meter::dlt645::DataIdentifier what = di::kBalance, const std::string& meter = kMeter) {
    return {*Address::parse(meter), Control::request(Function::read), PayloadWriter().identifier(what).take()};
}
Frame security_request(meter::dlt645::DataIdentifier what) {
    return {*Address::parse(kMeter), Control::request(Function::security), PayloadWriter().identifier(what).u32(0).take()};
}
Line open(const FakeMeter& meter, vending::LineSettings settings) {
    auto line = Line::open(meter.line(), settings);
    if (!line) throw std::runtime_error(line.error().message);
    return std::move(*line);
}

class line_on : public testing::TestWithParam<FakeMeter::On> {};
INSTANTIATE_TEST_SUITE_P(both, line_on, testing::Values(FakeMeter::On::pty, FakeMeter::On::tcp),
                         [](const auto& on) { return on.param == FakeMeter::On::pty ? "pty" : "tcp"; });

}  // namespace

TEST_P(line_on, gives_the_answer_of_the_meter) {
    FakeMeter meter(GetParam(), [](const Frame& f) -> std::vector<FakeMeter::Reaction> { return {{tests::answer(f, kMeter, Bytes{0x78, 0x56, 0x34, 0x12})}}; });
    Line line = open(meter, kPatient);
    const auto heard = line.ask(read_request(), Line::Repeat::yes);
    ASSERT_TRUE(heard) << heard.error().message;
    EXPECT_EQ(base::to_hex(heard->data), "00029000" "78563412");
    EXPECT_EQ(meter.heard(), std::vector<Frame>{read_request()});
}

TEST_P(line_on, finds_the_answer_among_garbage_echoes_and_halves_of_frames) {
    FakeMeter meter(GetParam(), [](const Frame& f) -> std::vector<FakeMeter::Reaction> {
        const Bytes whole = tests::answer(f, kMeter, Bytes{1, 2, 3, 4});
        Bytes broken = whole;
        broken[broken.size() - 2] ^= 1;  // the checksum
        std::vector<FakeMeter::Reaction> out{{Bytes{0x00, 0x68, 0xFF, 0x16}}, {tests::wired(f)}, {broken}, {Bytes(whole.begin(), whole.begin() + 9)}};
        for (const std::uint8_t byte : whole) out.push_back({Bytes{byte}});
        return out;
    });
    Line line = open(meter, kPatient);
    const auto heard = line.ask(read_request(), Line::Repeat::yes);
    ASSERT_TRUE(heard) << heard.error().message;
    EXPECT_EQ(base::to_hex(heard->data), "0002900001020304");
    EXPECT_EQ(meter.heard().size(), 1u);
}

TEST_P(line_on, passes_over_other_meters_and_answers_to_other_requests) {
    FakeMeter meter(GetParam(), [](const Frame& f) -> std::vector<FakeMeter::Reaction> {
        const Frame earlier = read_request(di::kForwardEnergy);
        const Frame security = security_request(di::kStatusQuery);
        return {{tests::answer(f, "202611220002", Bytes{9, 9, 9, 9})},
                {tests::answer(earlier, kMeter, Bytes{8, 8, 8, 8})},
                {tests::answer(security, kMeter, Bytes{7, 7})},
                {tests::answer(f, kMeter, Bytes{1, 0, 0, 0})}};
    });
    Line line = open(meter, kPatient);
    const auto heard = line.ask(read_request(), Line::Repeat::yes);
    ASSERT_TRUE(heard) << heard.error().message;
    EXPECT_EQ(base::to_hex(heard->data), "0002900001000000");
}

TEST(line, asks_again_when_nothing_answers_and_says_how_often) {
    FakeMeter meter(FakeMeter::On::pty, [](const Frame& f) -> std::vector<FakeMeter::Reaction> { return {{tests::answer(f, "202611220002", Bytes{0})}}; });
    Line line = open(meter, kBrief);
    const auto heard = line.ask(read_request(), Line::Repeat::yes);
    ASSERT_FALSE(heard);
    EXPECT_EQ(heard.error().code, Code::timeout);
    EXPECT_NE(heard.error().message.find("meter 202611220001 does not answer (3 tries)"), std::string::npos) << heard.error().message;
    EXPECT_NE(heard.error().message.find("other meters"), std::string::npos);
    EXPECT_EQ(meter.heard(3).size(), 3u);
}

TEST(line, never_repeats_what_may_not_be_repeated) {
    FakeMeter meter(FakeMeter::On::pty, [](const Frame&) { return std::vector<FakeMeter::Reaction>(); });
    Line line = open(meter, kBrief);
    EXPECT_EQ(line.ask(read_request(), Line::Repeat::no).error().code, Code::timeout);
    EXPECT_EQ(meter.heard(1).size(), 1u);
}

TEST(line, takes_no_late_answer_for_the_next_one) {
    int asked = 0;
    FakeMeter meter(FakeMeter::On::pty, [&](const Frame& f) -> std::vector<FakeMeter::Reaction> {
        return ++asked == 1 ? std::vector<FakeMeter::Reaction>{{tests::answer(f, kMeter, Bytes{0xAA}), 150}} : std::vector<FakeMeter::Reaction>{{tests::answer(f, kMeter, Bytes{0xBB})}};
    });
    // The same request twice: only silence on the line tells the late answer from the right one.
    Line line = open(meter, {Wait(80), Wait(1000), 1});
    EXPECT_EQ(line.ask(read_request(), Line::Repeat::no).error().code, Code::timeout);
    const auto heard = line.ask(read_request(), Line::Repeat::no);
    ASSERT_TRUE(heard) << heard.error().message;
    EXPECT_EQ(heard->data.back(), 0xBB);
}

TEST(line, translates_the_error_word_of_a_read) {
    FakeMeter meter(FakeMeter::On::tcp, [](const Frame& f) -> std::vector<FakeMeter::Reaction> { return {{tests::refusal(f, kMeter, {0x02})}}; });
    Line line = open(meter, kPatient);
    const auto heard = line.ask(read_request(), Line::Repeat::yes);
    ASSERT_FALSE(heard);
    EXPECT_EQ(heard.error().code, Code::refused);
    EXPECT_EQ(heard.error().message, "meter 202611220001 refused: no such data");
    EXPECT_EQ(heard.error().raw, 0x02);
    EXPECT_EQ(meter.heard().size(), 1u) << "a refusal is an answer";
}

TEST(line, translates_serr_in_two_bytes_and_in_one) {
    for (const Bytes& word : {Bytes{0x22, 0x00}, Bytes{0x22}}) {
        FakeMeter meter(FakeMeter::On::tcp, [&](const Frame& f) -> std::vector<FakeMeter::Reaction> { return {{tests::refusal(f, kMeter, word)}}; });
        Line line = open(meter, kPatient);
        const auto heard = line.ask(security_request(di::kRecharge), Line::Repeat::no);
        ASSERT_FALSE(heard);
        EXPECT_EQ(heard.error().message, "meter 202611220001 refused: repeated recharge; wrong purchase count");
        EXPECT_EQ(heard.error().raw, 0x22);
    }
}

TEST(line, reports_a_line_that_is_closed) {
    FakeMeter meter(FakeMeter::On::tcp, [](const Frame&) -> std::vector<FakeMeter::Reaction> { return {{{}, 0, true}}; });
    Line line = open(meter, kPatient);
    EXPECT_EQ(line.ask(read_request(), Line::Repeat::yes).error().code, Code::io_failed);
}

TEST(line, that_is_not_there_or_in_use_is_refused) {
    EXPECT_EQ(vending::open_channel("serial:/dev/does-not-exist").error().code, Code::not_found);
    EXPECT_FALSE(vending::open_channel("tcp:127.0.0.1:1"));
    for (const char* bad : {"", "x", "serial:", "tcp:", "tcp:host:0", "tcp:host:65536", "tcp::99", "usb:/dev/x"})
        EXPECT_EQ(vending::open_channel(bad).error().code, Code::invalid_argument) << bad;
    FakeMeter meter(FakeMeter::On::pty, [](const Frame&) { return std::vector<FakeMeter::Reaction>(); });
    const auto first = vending::open_channel(meter.line());
    ASSERT_TRUE(first);
    EXPECT_EQ(vending::open_channel(meter.line()).error().code, Code::busy);
}
