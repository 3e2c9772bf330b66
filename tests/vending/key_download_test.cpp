#include "vending/key_download.h"

#include "tests/vending/station_test.h"

using base::Code;
using tests::pattern;
using tests::PlayedMeter;
using tests::reversed;
using tests::station;
using Operation = wire::pb::StationRequest::OperationCase;
namespace pb = wire::pb;

namespace {

class key_download : public station {
protected:
    key_download() { meter_.holds = 0x10; }
};

constexpr std::uint32_t kLastKey = 0x070204FF;

}  // namespace

TEST_F(key_download, authenticates_sends_nine_keys_and_proves_them) {
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::download);
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_EQ(moved->records, 9u);
    EXPECT_EQ(moved->key_version, 1u);
    EXPECT_FALSE(moved->already);
    EXPECT_EQ(moved->receipt, 99u);

    std::vector<Operation> order;
    for (const auto& r : kmpd_.service().requests()) order.push_back(r.operation_case());
    EXPECT_EQ(order, (std::vector<Operation>{pb::StationRequest::kAuthenticate, pb::StationRequest::kDownloadKeys, pb::StationRequest::kAuthenticate, pb::StationRequest::kKeysLoaded}));
    const auto requests = kmpd_.service().requests();
    EXPECT_EQ(requests[0].authenticate().state(), pb::FACTORY);
    EXPECT_EQ(requests[1].download_keys().r2(), pattern(0xC0, 4)) << "most significant byte first";
    EXPECT_EQ(requests[2].authenticate().state(), pb::PRODUCTION);
    EXPECT_TRUE(requests[3].keys_loaded().done());

    // The frames of docs/SUITE.md 3: operator code, then MAC, key info and encrypted key, each reversed.
    const auto frames = meter_.heard(0x070203FF);
    ASSERT_EQ(frames.size(), 1u);
    const std::string expected = std::string("\xFF\x03\x02\x07", 4) + std::string(4, '\0') + reversed(pattern(0xA0, 4)) + reversed(std::string{1, 1, 4, 1}) + reversed(pattern(0xB0, 32));
    EXPECT_EQ(base::to_hex(frames[0].data), base::to_hex(base::as_bytes(expected)));
    EXPECT_EQ(meter_.heard(kLastKey).size(), 4u);
}

TEST_F(key_download, sends_the_authentication_reversed) {
    ASSERT_TRUE(vending::move_keys(*platform_, *dialogue_, vending::Move::download));
    const auto frames = meter_.heard(0x070000FF);
    ASSERT_EQ(frames.size(), 2u);
    const std::string expected = std::string("\xFF\x00\x00\x07", 4) + std::string(4, '\0') + reversed(pattern(0x10, 8)) + reversed(pattern(0x30, 8)) + reversed(pattern(0x40, 8));
    EXPECT_EQ(base::to_hex(frames[0].data), base::to_hex(base::as_bytes(expected)));
}

TEST_F(key_download, the_other_way_recovers_the_factory_keys) {
    meter_.holds = 0x20;
    meter_.holds_after_keys = 0x10;
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::recover);
    ASSERT_TRUE(moved) << moved.error().message;
    const auto requests = kmpd_.service().requests();
    EXPECT_EQ(requests[0].authenticate().state(), pb::PRODUCTION);
    EXPECT_TRUE(requests[1].download_keys().recover());
    EXPECT_EQ(requests[2].authenticate().state(), pb::FACTORY);
    EXPECT_TRUE(requests[3].keys_loaded().recover());
}

TEST_F(key_download, for_a_meter_that_holds_the_keys_already_sends_nothing_and_reports_it) {
    meter_.holds = 0x20;
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::download);
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_TRUE(moved->already);
    EXPECT_TRUE(kmpd_.asked(pb::StationRequest::kDownloadKeys).empty());
    ASSERT_EQ(kmpd_.asked(pb::StationRequest::kKeysLoaded).size(), 1u);
    EXPECT_TRUE(kmpd_.asked(pb::StationRequest::kKeysLoaded)[0].keys_loaded().done());
}

TEST_F(key_download, to_a_meter_with_foreign_keys_is_refused_and_reports_nothing_done) {
    meter_.holds = 0x77;
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::download);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, Code::refused);
    EXPECT_NE(moved.error().message.find("neither"), std::string::npos);
    EXPECT_TRUE(kmpd_.asked(pb::StationRequest::kKeysLoaded).empty());
}

TEST_F(key_download, whose_last_answer_is_lost_is_proved_all_the_same) {
    meter_.plans[kLastKey] = {{}, {}, {}, {{}, PlayedMeter::Lose::answer}};
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::download);
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_EQ(meter_.heard(kLastKey).size(), 5u) << "asked again, and refused: the session ended with the last key";
    EXPECT_TRUE(kmpd_.asked(pb::StationRequest::kKeysLoaded)[0].keys_loaded().done());
}

TEST_F(key_download, that_the_meter_refuses_half_way_fails_and_is_reported) {
    meter_.plans[0x070203FF] = {{{0x04, 0x00}}};
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::download);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().message, "key 5 of 9: meter 202611220001 refused: MAC or secure-element failure");
    ASSERT_EQ(kmpd_.asked(pb::StationRequest::kKeysLoaded).size(), 1u);
    EXPECT_FALSE(kmpd_.asked(pb::StationRequest::kKeysLoaded)[0].keys_loaded().done());
}

TEST_F(key_download, that_the_meter_takes_but_does_not_put_in_force_is_never_called_done) {
    meter_.holds_after_keys = 0x10;
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::download);
    ASSERT_FALSE(moved);
    EXPECT_NE(moved.error().message.find("proof"), std::string::npos);
    EXPECT_FALSE(kmpd_.asked(pb::StationRequest::kKeysLoaded)[0].keys_loaded().done());
}

TEST_F(key_download, that_kmpd_refuses_sends_the_meter_nothing) {
    kmpd_.fail_next(pb::StationRequest::kDownloadKeys, {Code::refused, "meter 202611220001 is in private state"});
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::download);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().message, "meter 202611220001 is in private state");
    EXPECT_EQ(meter_.keys_taken, 0u);
}

TEST_F(key_download, an_update_asks_for_private_keys_and_says_which_were_proved) {
    meter_.holds = 0x20;
    ASSERT_TRUE(vending::move_keys(*platform_, *dialogue_, vending::Move::update));
    EXPECT_TRUE(kmpd_.asked(pb::StationRequest::kDownloadKeys)[0].download_keys().update());
    EXPECT_EQ(kmpd_.asked(pb::StationRequest::kKeysLoaded)[0].keys_loaded().key_version(), 1u);
}

TEST_F(key_download, an_update_finds_a_meter_that_is_some_versions_ahead) {
    kmpd_.newest = 4;
    meter_.holds = 0x22;  // version 3: it was sent when that was the newest, and nobody was told
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::update);
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_TRUE(moved->already);
    EXPECT_EQ(moved->key_version, 3u);
    EXPECT_EQ(kmpd_.asked(pb::StationRequest::kKeysLoaded)[0].keys_loaded().key_version(), 3u);
}

TEST_F(key_download, an_update_gives_up_when_there_are_no_more_versions) {
    kmpd_.newest = 2;
    meter_.holds = 0x77;
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::update);
    ASSERT_FALSE(moved);
    EXPECT_NE(moved.error().message.find("accepts neither version 1 nor a newer one"), std::string::npos);
    EXPECT_TRUE(kmpd_.asked(pb::StationRequest::kKeysLoaded).empty());
}

TEST_F(key_download, that_kmpd_cannot_be_told_of_is_of_unknown_outcome) {
    kmpd_.fail_next(pb::StationRequest::kKeysLoaded, {Code::storage_full, "no room"});
    const auto moved = vending::move_keys(*platform_, *dialogue_, vending::Move::download);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, Code::outcome_unknown);
    EXPECT_NE(moved.error().message.find("run the command again"), std::string::npos);
    // Run again, it finds the keys in place.
    EXPECT_TRUE(vending::move_keys(*platform_, *dialogue_, vending::Move::download)->already);
}

TEST_F(key_download, waits_while_kmpd_is_busy) {
    kmpd_.fail_next(pb::StationRequest::kAuthenticate, {Code::busy, "many are waiting"}, 5);
    kmpd_.fail_next(pb::StationRequest::kAuthenticate, {Code::busy, "many are waiting"}, 5);
    EXPECT_TRUE(vending::move_keys(*platform_, *dialogue_, vending::Move::download));
    EXPECT_EQ(kmpd_.asked(pb::StationRequest::kAuthenticate).size(), 4u);
}

TEST_F(key_download, finds_the_one_meter_on_the_line) {
    const auto number = vending::Dialogue::read_address(*line_);
    ASSERT_TRUE(number) << number.error().message;
    EXPECT_EQ(number->text(), tests::kMeter);
    EXPECT_TRUE(dialogue_->confirm_address());
}
