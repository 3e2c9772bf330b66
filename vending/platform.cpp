#include "vending/platform.h"

#include <algorithm>
#include <thread>

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;

constexpr int kBusyTries = 8;
constexpr std::int64_t kUsualPause = 200;    // ms, where a busy service names none
constexpr std::int64_t kLongestPause = 15000;
constexpr std::size_t kKeyRecordSize = 36;   // docs/SUITE.md 3
constexpr std::size_t kRecordsOfAFrame = 4;

base::Error unexpected(std::string_view operation) { return {Code::malformed, "kmpd answered " + std::string(operation) + " with something else"}; }

base::Status check_sizes(std::string_view operation, std::initializer_list<std::pair<const std::string*, std::size_t>> fields) {
    for (const auto& [field, size] : fields)
        if (field->size() != size)
            return {Code::malformed, "kmpd answered " + std::string(operation) + " with a field of " + std::to_string(field->size()) + " bytes where " + std::to_string(size) + " are due"};
    return {};
}

}  // namespace

template <class Ask>
auto Platform::patiently(int tries, const Ask& ask) -> decltype(ask()) {
    for (int i = 1;; ++i) {
        auto reply = ask();
        if (reply || reply.error().code != Code::busy || i == tries) return reply;
        const std::int64_t pause = std::clamp(reply.error().raw == 0 ? kUsualPause : reply.error().raw, std::int64_t{1}, kLongestPause);
        tell("kmpd is busy (" + reply.error().message + "); trying again in " + std::to_string(pause) + " ms");
        std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    }
}

base::Result<pb::StationReply> Platform::ask(const pb::StationRequest& request) {
    return patiently(kBusyTries, [&] { return client_.call(request); });
}

base::Result<pb::OpenSessionReply> Platform::open_account(std::string_view account, const base::Secret* password, int tries) {
    return patiently(tries, [&] { return wire::open_account(client_, account, password); });
}

base::Result<pb::OpenSessionReply> Platform::open(std::string_view ukey, const base::Secret* pin, std::string_view kind, int tries) {
    return patiently(tries, [&] { return wire::open_session(client_, ukey, pin, kind); });
}

base::Result<pb::AuthenticateReply> Platform::authenticate(model::MeterNumber meter, model::KeyState state, std::uint32_t key_version) {
    pb::StationRequest request;
    request.mutable_authenticate()->set_meter(meter.number());
    request.mutable_authenticate()->set_key_version(key_version);
    request.mutable_authenticate()->set_state(state == model::KeyState::factory ? pb::FACTORY : pb::PRODUCTION);
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_authenticate()) return unexpected("authenticate");
    const auto& a = reply.authenticate();
    KMP_CHECK(check_sizes("authenticate", {{&a.k1(), 8}, {&a.r1(), 8}, {&a.factor(), 8}}));
    return std::move(*reply.mutable_authenticate());
}

base::Result<pb::OrderReply> Platform::order(const pb::Order& order) {
    pb::StationRequest request;
    *request.mutable_order() = order;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_order() || reply.order().order_id() != order.order_id()) return unexpected("order");
    if (order.has_card()) KMP_CHECK(check_sizes("order", {{&reply.order().card_mac(), 4}}));
    else KMP_CHECK(check_sizes("order", {{&reply.order().mac1(), 4}, {&reply.order().mac2(), 4}}));
    return std::move(*reply.mutable_order());
}

base::Result<pb::CheckStatusReply> Platform::check_status(const pb::CheckStatus& status) {
    pb::StationRequest request;
    *request.mutable_check_status() = status;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_check_status()) return unexpected("check_status");
    return std::move(*reply.mutable_check_status());
}

base::Result<pb::VoidOrderReply> Platform::void_order(const base::Uuid& order, model::MeterNumber meter) {
    pb::StationRequest request;
    request.mutable_void_order()->set_order_id(order.raw().data(), order.raw().size());
    request.mutable_void_order()->set_meter(meter.number());
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_void_order() || (!reply.void_order().voided() && reply.void_order().challenge().size() != 8)) return unexpected("void_order");
    return std::move(*reply.mutable_void_order());
}

base::Result<pb::ProveReply> Platform::prove(std::uint64_t index) {
    pb::StationRequest request;
    request.mutable_prove()->set_index(index);
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_prove() || reply.prove().leaf_hash().size() != 32) return unexpected("prove");
    for (const std::string& hash : reply.prove().proof())
        if (hash.size() != 32) return unexpected("prove");
    return std::move(*reply.mutable_prove());
}

base::Result<pb::RelayReply> Platform::relay(const pb::Relay& relay) {
    pb::StationRequest request;
    *request.mutable_relay() = relay;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_relay()) return unexpected("relay");
    KMP_CHECK(check_sizes("relay", {{&reply.relay().ciphertext(), 16}, {&reply.relay().mac(), 4}}));
    return std::move(*reply.mutable_relay());
}

base::Result<pb::DownloadKeysReply> Platform::download_keys(const pb::DownloadKeys& download) {
    pb::StationRequest request;
    *request.mutable_download_keys() = download;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_download_keys() || reply.download_keys().records().empty() == reply.download_keys().frames().empty()) return unexpected("download_keys");
    for (const auto& f : reply.download_keys().frames()) {
        KMP_CHECK(check_sizes("download_keys", {{&f.mac(), 4}}));
        if (f.records().empty() || f.records().size() % kKeyRecordSize != 0 || f.records().size() > kKeyRecordSize * kRecordsOfAFrame)
            return base::Error{Code::malformed, "kmpd answered download_keys with a frame of " + std::to_string(f.records().size()) + " bytes, which are not 1 to 4 records of 36"};
    }
    for (const auto& r : reply.download_keys().records())
        KMP_CHECK(check_sizes("download_keys", {{&r.mac(), 4}, {&r.key_info(), 4}, {&r.encrypted_key(), 32}}));
    return std::move(*reply.mutable_download_keys());
}

base::Result<pb::KeysLoadedReply> Platform::keys_loaded(const pb::KeysLoaded& loaded) {
    pb::StationRequest request;
    *request.mutable_keys_loaded() = loaded;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_keys_loaded()) return unexpected("keys_loaded");
    return std::move(*reply.mutable_keys_loaded());
}

base::Result<pb::AuthenticateCardReply> Platform::authenticate_card(const pb::AuthenticateCard& card) {
    pb::StationRequest request;
    *request.mutable_authenticate_card() = card;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_authenticate_card()) return unexpected("authenticate_card");
    if (reply.authenticate_card().genuine()) KMP_CHECK(check_sizes("authenticate_card", {{&reply.authenticate_card().response(), 8}}));
    return std::move(*reply.mutable_authenticate_card());
}

base::Result<pb::WriteCardKeyReply> Platform::write_card_key(const pb::WriteCardKey& key) {
    pb::StationRequest request;
    *request.mutable_write_card_key() = key;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_write_card_key()) return unexpected("write_card_key");
    KMP_CHECK(check_sizes("write_card_key", {{&reply.write_card_key().wrapped(), 24}, {&reply.write_card_key().mac(), 4}}));
    return std::move(*reply.mutable_write_card_key());
}

base::Result<pb::WriteCardReply> Platform::write_card(const pb::WriteCard& piece) {
    pb::StationRequest request;
    *request.mutable_write_card() = piece;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_write_card()) return unexpected("write_card");
    KMP_CHECK(check_sizes("write_card", {{&reply.write_card().mac(), 4}}));
    return std::move(*reply.mutable_write_card());
}

base::Result<pb::ReportCardReply> Platform::report_card(const pb::ReportCard& report) {
    pb::StationRequest request;
    *request.mutable_report_card() = report;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_report_card()) return unexpected("report_card");
    return std::move(*reply.mutable_report_card());
}

base::Result<pb::SetValidityReply> Platform::set_validity(const pb::SetValidity& validity) {
    pb::StationRequest request;
    *request.mutable_set_validity() = validity;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_set_validity()) return unexpected("set_validity");
    KMP_CHECK(check_sizes("set_validity", {{&reply.set_validity().mac(), 4}}));
    return std::move(*reply.mutable_set_validity());
}

base::Result<pb::WriteParameterReply> Platform::write_parameter(const pb::WriteParameter& parameter) {
    pb::StationRequest request;
    *request.mutable_write_parameter() = parameter;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_write_parameter()) return unexpected("write_parameter");
    const auto& w = reply.write_parameter();
    const std::size_t sealed = parameter.encrypt() ? (6 + parameter.data().size() + 15) / 16 * 16 : 0;  // docs/SUITE.md 4
    KMP_CHECK(check_sizes("write_parameter", {{&w.ciphertext(), sealed}, {&w.mac(), 4}}));
    return std::move(*reply.mutable_write_parameter());
}

base::Result<pb::CheckReadBackReply> Platform::check_read_back(const pb::CheckReadBack& said) {
    pb::StationRequest request;
    *request.mutable_check_read_back() = said;
    KMP_TRY(pb::StationReply reply, ask(request));
    if (!reply.has_check_read_back()) return unexpected("check_read_back");
    return std::move(*reply.mutable_check_read_back());
}

}  // namespace vending
