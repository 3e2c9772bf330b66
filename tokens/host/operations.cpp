#include "tokens/host/operations.h"

namespace tokens::host {
namespace {

using R = pb::HostRequest;
using N = Rule::Needs;
using model::UkeyKind;

constexpr KindSet kMaster = bit(UkeyKind::master_control);
constexpr KindSet kKey = bit(UkeyKind::key);
constexpr KindSet kUser = bit(UkeyKind::user);
constexpr KindSet kOfficer = bit(UkeyKind::officer);
constexpr KindSet kAuditor = bit(UkeyKind::auditor);
constexpr KindSet kPlatform = bit(UkeyKind::platform);
constexpr KindSet kProvisioned = kMaster | kKey | kUser | kPlatform | bit(UkeyKind::officer) | bit(UkeyKind::auditor);
constexpr KindSet kAny = kProvisioned | kUnprovisioned;
constexpr KindSet kMeters = kKey | kUser;

// The one place that says what each UKEY does. Whatever is not here is refused.
constexpr std::array kRules{
    Rule{R::kProbe, "probe", kAny, N::nothing, probe},
    Rule{R::kInitialise, "initialise", kAny, N::nothing, initialise},
    Rule{R::kLogin, "login", kAny, N::token, login},
    Rule{R::kLogout, "logout", kAny, N::token, logout},
    Rule{R::kProvision, "provision", kUnprovisioned, N::login, provision},
    Rule{R::kSignTbs, "sign_tbs", kProvisioned, N::login, sign_tbs},
    Rule{R::kSignStatement, "sign_statement", kProvisioned, N::login, sign_statement},
    Rule{R::kSignCheckpoint, "sign_checkpoint", kPlatform, N::login, sign_checkpoint},
    Rule{R::kSignTls, "sign_tls", kPlatform, N::login, sign_tls},
    Rule{R::kSignStation, "sign_station", kUser, N::login, sign_station},
    Rule{R::kStoreCertificate, "store_certificate", kProvisioned, N::login, store_certificate},
    Rule{R::kReadCertificates, "read_certificates", kAny, N::token, read_certificates},
    Rule{R::kWrapMasters, "wrap_masters", kMaster, N::login, wrap_masters},
    Rule{R::kUnwrapMasters, "unwrap_masters", kMeters | kMaster | kPlatform, N::login, unwrap_masters},
    Rule{R::kMakeMasters, "make_masters", kMaster, N::login, make_masters},
    Rule{R::kDestroyMasters, "destroy_masters", kMaster | kMeters, N::login, destroy_masters},
    Rule{R::kListMasters, "list_masters", kMaster | kMeters, N::login, list_masters},
    Rule{R::kMeterAuthenticate, "meter_authenticate", kMeters, N::login, meter_authenticate},
    Rule{R::kOrderMac, "order_mac", kMeters, N::login, order_mac},
    Rule{R::kStatusMac, "status_mac", kMeters, N::login, status_mac},
    Rule{R::kRelayCommand, "relay_command", kMeters, N::login, relay_command},
    Rule{R::kValidityMac, "validity_mac", kMeters, N::login, validity_mac},
    Rule{R::kParameterMac, "parameter_mac", kMeters, N::login, parameter_mac},
    Rule{R::kReadBackMac, "read_back_mac", kMeters, N::login, read_back_mac},
    Rule{R::kCardAuthenticate, "card_authenticate", kMeters, N::login, card_authenticate},
    Rule{R::kCardKeyWrite, "card_key_write", kMeters, N::login, card_key_write},
    Rule{R::kCardUpdate, "card_update", kMeters, N::login, card_update},
    Rule{R::kCardPurchase, "card_purchase", kMeters, N::login, card_purchase},
    Rule{R::kCardReadMac, "card_read_mac", kMeters, N::login, card_read_mac},
    Rule{R::kKeyUpdate, "key_update", kKey, N::login, key_update},
    Rule{R::kDataSign, "data_sign", kUser, N::login, data_sign},
    Rule{R::kDataRandom, "data_random", kUser, N::login, data_random},
    Rule{R::kDataEncrypt, "data_encrypt", kUser, N::login, data_encrypt},
    Rule{R::kDataDecrypt, "data_decrypt", kUser, N::login, data_decrypt},
    Rule{R::kDataMac, "data_mac", kUser, N::login, data_mac},
    Rule{R::kPepper, "pepper", kPlatform, N::login, pepper},
    Rule{R::kWrapDatabaseKey, "wrap_database_key", kPlatform, N::login, wrap_database_key},
    Rule{R::kUnwrapDatabaseKey, "unwrap_database_key", kPlatform, N::login, unwrap_database_key},
    Rule{R::kSealPin, "seal_pin", kPlatform, N::login, seal_pin},
    Rule{R::kOpenPin, "open_pin", kPlatform, N::login, open_pin},
    Rule{R::kSealSoPin, "seal_so_pin", kMaster, N::login, seal_so_pin},
    Rule{R::kArmSoPin, "arm_so_pin", kMaster, N::login, arm_so_pin},
    Rule{R::kOpenSoPin, "open_so_pin", kMaster, N::login, open_so_pin},
    Rule{R::kRecoverDatabaseKey, "recover_database_key", kMaster, N::login, recover_database_key},
    Rule{R::kChangePin, "change_pin", kProvisioned, N::token, change_pin},
    Rule{R::kResetPin, "reset_pin", kProvisioned, N::token, reset_pin},
    Rule{R::kChangeSoPin, "change_so_pin", kMaster, N::login, change_so_pin},
    Rule{R::kErase, "erase", kAny, N::token, erase},
    Rule{R::kNonce, "nonce", kProvisioned, N::login, nonce},
    Rule{R::kOpenShare, "open_share", kOfficer, N::login, open_share},
    Rule{R::kOpenExportKey, "open_export_key", kAuditor, N::login, open_export_key},
};

const Rule* rule_for(R::OperationCase operation) noexcept {
    for (const Rule& rule : kRules)
        if (rule.operation == operation) return &rule;
    return nullptr;
}

base::Status check(Host& host, const Rule& rule) {
    if (rule.needs == N::nothing) return {};
    // Whatever comes first, a probe or not, looks for the token.
    if (!host.token.attached()) {
        const auto seen = host.token.look();
        if (!seen) return seen.error();
    }
    if (!host.token.attached()) return {base::Code::token_removed, "there is no initialised UKEY here; insert it"};
    const auto kind = host.token.kind();
    const KindSet mine = kind ? bit(*kind) : kUnprovisioned;
    if ((rule.kinds & mine) == 0) {
        if (!kind) return {base::Code::refused, "this UKEY is not provisioned; it does not do " + std::string(rule.name)};
        if (rule.operation == R::kProvision) return {base::Code::already_exists, "this is " + model::one(*kind) + " already"};
        return {base::Code::refused, model::one(*kind) + " does not do " + std::string(rule.name)};
    }
    if (rule.needs == N::login && !host.token.logged_in()) return {base::Code::denied, "the UKEY is not logged in; give its PIN first"};
    return {};
}

base::Status dispatch(Host& host, Call& call) {
    const Rule* rule = rule_for(call.request.operation_case());
    if (rule == nullptr) return {base::Code::unsupported, "this tokenhost does not know the operation; update it"};
    KMP_CHECK(check(host, *rule));
    return rule->handler(host, call);
}

}  // namespace

std::span<const Rule> rules() noexcept { return kRules; }

base::Status perform(Host& host, base::ByteView payload, std::vector<RoleSecret> secrets, base::Bytes& out) {
    pb::HostRequest request;
    if (!request.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return {base::Code::malformed, "a message that is no HostRequest"};
    pb::HostReply reply;
    std::vector<RoleSecret> reply_secrets;
    Call call{request, secrets, reply, reply_secrets};
    const base::Status done = dispatch(host, call);
    if (!done) {
        reply.Clear();
        reply_secrets.clear();
        pb::HostFailure& failure = *reply.mutable_failure();
        failure.set_code(std::string(base::name(done.error().code)));
        failure.set_message(done.error().message);
        failure.set_raw(static_cast<std::uint64_t>(done.error().raw));
    }
    reply.set_id(request.id());
    return append_frames(out, reply, reply_secrets);
}

void keep_house(Host& host, bool idle) {
    if (host.meter_keys.derivations() < (idle ? MeterKeys::kRecycleWhenIdle : MeterKeys::kRecycleAlways)) return;
    host.meter_keys.recycled();
    (void)host.token.recycle();  // when it fails the token is gone, and the next request says so
}

}  // namespace tokens::host
