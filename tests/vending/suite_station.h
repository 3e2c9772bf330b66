#pragma once
#include <nlohmann/json.hpp>

#include "tests/vending/suite_world.h"
#include "tests/wire/run_program.h"
#include "vending/order_desk.h"

namespace tests {

inline const std::string kExampleMeter = "123456789012";  // of docs/SUITE.md 7
inline const std::string kOtherMeter = "123456789013";
inline const base::SystemClock kClock;

/// A desk of a station between meters and a kmpd that compute by docs/SUITE.md.
class suite_station : public testing::Test {
protected:
    void SetUp() override {
        meters_.meter(kExampleMeter).customer = 42;
        meters_.meter(kOtherMeter).customer = 43;
        open();
    }
    void open(vending::LineSettings settings = {vending::Wait(400), vending::Wait(20), 2}) {
        platform_.reset();
        line_.reset();
        auto client = wire::StationClient::open(path_);
        auto line = vending::Line::open(meters_.line(), settings);
        auto journal = vending::Journal::open(file_, kClock);
        if (!client || !line || !journal) throw std::runtime_error("no station");
        platform_.emplace(std::move(*client));
        line_.emplace(std::move(*line));
        journal_ = std::make_unique<vending::Journal>(std::move(*journal));
    }
    vending::JournalOrder plan(pb::OrderKind kind, std::optional<std::int64_t> fen, const std::string& meter = kExampleMeter) {
        vending::JournalOrder order;
        order.id = base::Uuid::make_v7(kClock.now());
        order.kind = kind;
        order.meter = *model::MeterNumber::parse(meter);
        if (kind == pb::OPEN_ACCOUNT) order.customer = *model::CustomerNumber::from_number(42);
        if (fen) order.amount = model::Fen(*fen);
        return *journal_->plan(order);
    }
    base::Result<vending::OrderDone> carry_out(const vending::JournalOrder& order) { return vending::OrderDesk(*journal_, *platform_, *line_).carry_out(order); }
    vending::OrderState state(const vending::JournalOrder& order) { return journal_->reload(order)->state; }
    tests::suite::Meters::Meter& wallet(const std::string& number = kExampleMeter) { return meters_.meter(number); }
    /// The program, while this process holds neither the line nor a connection: both take one at a time.
    tests::Ran vend(const std::string& arguments) {
        platform_.reset();
        line_.reset();
        return run(folder_.path(), "kmp-vend --socket " + path_ + " --journal " + file_ + " " + arguments);
    }
    std::string at_line() const { return " --line " + meters_.line(); }

    tests::TemporaryFolder folder_;
    std::string path_ = folder_.path() + "/kmp.sock";
    std::string file_ = folder_.path() + "/orders.db";
    tests::suite::Kmpd kmpd_{path_};
    tests::suite::Meters meters_;
    std::optional<vending::Platform> platform_;
    std::optional<vending::Line> line_;
    std::unique_ptr<vending::Journal> journal_;
};

}  // namespace tests
