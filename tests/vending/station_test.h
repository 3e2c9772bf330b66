#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "tests/vending/fake_meter.h"
#include "tests/wire/fake_service.h"
#include "vending/platform.h"
#include "vending/remote.h"
#include "wire/failure.h"

/// A station between a kmpd and a meter that both only play their parts: every secured field is a pattern, so that a
/// test sees where each of them went and which way round.
namespace tests {

namespace pb = wire::pb;

inline const std::string kMeter = "202611220001";
inline const std::string kCustomer = "000000004711";

/// `size` bytes first, first + 1, ...
inline std::string pattern(std::uint8_t first, std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(first + i);
    return out;
}
inline std::string reversed(std::string text) { return {text.rbegin(), text.rend()}; }

/// kmpd: R1 and K1 tell the key state (factory 10.., production 20..); purchase counts per order id.
class PlayedPlatform {
public:
    explicit PlayedPlatform(const std::string& path) : service_(path, [this](const pb::StationRequest& r) { return answer(r); }) {}

    FakeStationService& service() { return service_; }
    /// Answers the next request of this operation with a failure.
    void fail_next(pb::StationRequest::OperationCase operation, base::Error error, std::uint32_t retry_after_ms = 0) {
        failures_.push_back({operation, std::move(error), retry_after_ms});
    }
    std::vector<pb::StationRequest> asked(pb::StationRequest::OperationCase operation) const {
        std::vector<pb::StationRequest> out;
        for (const auto& r : service_.requests())
            if (r.operation_case() == operation) out.push_back(r);
        return out;
    }
    std::uint32_t newest = 1;  ///< version of the private keys; those of version n begin with 1F + n
    bool genuine = true;
    bool wants_pin = false;

private:
    struct PlannedFailure {
        pb::StationRequest::OperationCase operation;
        base::Error error;
        std::uint32_t retry_after_ms;
    };

    FakeStationService::Answer answer(const pb::StationRequest& r) {
        FakeStationService::Answer out;
        pb::StationReply& reply = out.replies.emplace_back();
        if (!failures_.empty() && failures_.front().operation == r.operation_case()) {
            wire::set_failure(*reply.mutable_failure(), failures_.front().error, failures_.front().retry_after_ms);
            failures_.pop_front();
            return out;
        }
        if (r.has_hello()) {
            reply.mutable_hello()->set_version(1);
            reply.mutable_hello()->set_state("open");
        }
        if (r.has_open_session()) {
            if (wants_pin && service_.pins().empty()) wire::set_failure(*reply.mutable_failure(), {base::Code::denied, "the PIN of the UKEY is needed"});
            else reply.mutable_open_session()->set_ukey("U-1");
        }
        if (r.has_authenticate()) {
            const bool factory = r.authenticate().state() == pb::FACTORY;
            const std::uint32_t version = r.authenticate().key_version() == 0 ? 1 : r.authenticate().key_version();
            if (version > newest) {
                wire::set_failure(*reply.mutable_failure(), {base::Code::key_missing, "there is no such version"});
                return out;
            }
            auto& a = *reply.mutable_authenticate();
            a.set_k1(pattern(factory ? 0x10 : static_cast<std::uint8_t>(0x1F + version), 8));
            a.set_r1(pattern(0x30, 8));
            a.set_factor(pattern(0x40, 8));
            a.set_key_version(factory ? 0 : version);
        }
        if (r.has_order()) {
            auto& o = *reply.mutable_order();
            const auto [at, fresh] = counts_.emplace(r.order().order_id(), static_cast<std::uint32_t>(counts_.size() + 1));
            o.set_order_id(r.order().order_id());
            o.set_purchase_count(at->second);
            o.set_mac1(pattern(0x50, 4));
            o.set_mac2(pattern(0x60, 4));
            o.set_repeated(!fresh);
            o.mutable_receipt()->set_index(200);
            o.mutable_charge()->set_index(76 + at->second);
        }
        if (r.has_check_status()) {
            reply.mutable_check_status()->set_genuine(genuine);
            reply.mutable_check_status()->set_known_count(3);
        }
        if (r.has_relay()) {
            reply.mutable_relay()->set_ciphertext(pattern(0x70, 16));
            reply.mutable_relay()->set_mac(pattern(0x90, 4));
        }
        if (r.has_download_keys()) {
            auto& d = *reply.mutable_download_keys();
            d.set_key_version(r.download_keys().recover() ? 0 : 1);
            for (std::uint8_t id = 0; id < 9; ++id) {
                auto& record = *d.add_records();
                record.set_di(id < 2 ? 0x070201FF : id < 4 ? 0x070202FF : id == 4 ? 0x070203FF : 0x070204FF);
                record.set_mac(pattern(0xA0, 4));
                record.set_key_info(std::string{1, 1, static_cast<char>(id), 1});
                record.set_encrypted_key(pattern(0xB0, 32));
            }
        }
        if (r.has_keys_loaded()) reply.mutable_keys_loaded()->mutable_receipt()->set_index(99);
        return out;
    }

    std::deque<PlannedFailure> failures_;
    std::map<std::string, std::uint32_t> counts_;
    FakeStationService service_;
};

/// The meter: answers authentication when K1 is of the keys it holds, and everything else as planned or with success.
class PlayedMeter {
public:
    enum class Lose { nothing, answer, request };
    PlayedMeter() : line_(FakeMeter::On::tcp, [this](const dlt645::Frame& f) { return react(f); }) {}

    std::uint8_t holds = 0x20;        ///< first byte of K1: 0x10 factory, 0x20 private keys
    unsigned keys_taken = 0;
    std::uint8_t count = 3;           ///< purchase count that a status query tells
    std::uint8_t holds_after_keys = 0x20;
    /// Per data identifier (0x1C000000 for relay control): what comes of the next requests, in their order.
    struct Plan {
        base::Bytes serr;             ///< refuses with these bytes
        Lose lose = Lose::nothing;
    };
    std::map<std::uint32_t, std::deque<Plan>> plans;

    const std::string& line() const { return line_.line(); }
    std::vector<dlt645::Frame> heard(std::uint32_t id) const {
        std::vector<dlt645::Frame> out;
        for (const auto& f : line_.heard())
            if (key_of(f) == id) out.push_back(f);
        return out;
    }
    static constexpr std::uint32_t kRelay = 0x1C000000;
    static constexpr std::uint32_t kReadAddress = 0x13000000;

private:
    static std::uint32_t key_of(const dlt645::Frame& f) {
        if (f.control.function() == dlt645::Function::relay_control) return kRelay;
        if (f.control.function() == dlt645::Function::read_address) return kReadAddress;
        return identifier(f);
    }
    std::vector<FakeMeter::Reaction> react(const dlt645::Frame& f) {
        const std::uint32_t id = key_of(f);
        Plan plan;
        if (auto& queue = plans[id]; !queue.empty()) {
            plan = queue.front();
            queue.pop_front();
        }
        if (plan.lose == Lose::request) return {};
        if (!plan.serr.empty()) return {{refusal(f, kMeter, plan.serr)}};
        const base::Bytes reply = obey(f, id);
        if (plan.lose == Lose::answer) return {};
        return {{reply}};
    }
    base::Bytes obey(const dlt645::Frame& f, std::uint32_t id) {
        const auto give = [&](const std::string& fields) { return answer(f, kMeter, base::as_bytes(fields)); };
        if (id == kReadAddress || id == 0x04000401) return give(reversed(std::string{0x20, 0x26, 0x11, 0x22, 0x00, 0x01}));
        if (id == 0x04000208) return give(std::string{0x09});
        if (id == 0x04000102) return give(reversed(std::string{0x23, 0x55, 0x30}));        // 23:55:30
        if (id == 0x04000101) return give(reversed(std::string{0x26, 0x12, 0x31, 0x04}));  // 2026-12-31, a Thursday
        if (id == 0x070000FF) {
            if (f.data.size() != 32 || f.data[15] != holds) return refusal(f, kMeter, {0x08, 0x00});
            return give(reversed(pattern(static_cast<std::uint8_t>(0xC0 + authentications_++), 4)) + reversed(pattern(0xD0, 8)));
        }
        if (id >> 8 == 0x070201 || id >> 8 == 0x070202 || id >> 8 == 0x070203 || id >> 8 == 0x070204) {
            if (keys_taken >= 9) return refusal(f, kMeter, {0x08, 0x00});  // the session ended with the ninth
            if (++keys_taken == 9) holds = holds_after_keys;
            return give("");
        }
        if (id == 0x078102FF)
            return give(std::string("\x9C\xFF\xFF\xFF", 4) + reversed(pattern(0x01, 4)) + std::string{static_cast<char>(count), 0, 0, 0} + reversed(pattern(0x05, 4)) +
                        reversed(std::string{0, 0, 0, 0, 0x47, 0x11}) + reversed(std::string{1, 1, 0, 1}));
        return give("");
    }

    unsigned authentications_ = 0;
    FakeMeter line_;
};

class station : public testing::Test {
protected:
    void start() {
        auto client = wire::StationClient::open(path_);
        ASSERT_TRUE(client);
        platform_.emplace(std::move(*client), [this](const std::string& step) { steps_.push_back(step); });
        auto line = vending::Line::open(meter_.line(), {vending::Wait(700), vending::Wait(20), 2});
        ASSERT_TRUE(line);
        line_.emplace(std::move(*line));
        dialogue_.emplace(*line_, *model::MeterNumber::parse(kMeter));
    }
    void SetUp() override { start(); }

    TemporaryFolder folder_;
    std::string path_ = folder_.path() + "/kmp.sock";
    PlayedPlatform kmpd_{path_};
    PlayedMeter meter_;
    std::vector<std::string> steps_;
    std::optional<vending::Platform> platform_;
    std::optional<vending::Line> line_;
    std::optional<vending::Dialogue> dialogue_;
};

}  // namespace tests
