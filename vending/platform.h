#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "model/keys.h"
#include "wire/client.h"
#include "wire/pb.h"

namespace vending {

/// Hears each step in plain words.
using Tell = std::function<void(const std::string&)>;

/// The session with kmpd: every secured field comes from there, and no key ever comes here.
/// When kmpd is busy each call waits as long as it asks and tries again, a few times. One thread at a time.
class Platform {
public:
    explicit Platform(wire::StationClient client, Tell tell = {}) : client_(std::move(client)), tell_(std::move(tell)) {}

    /// Opens the session; `pin` may be null where the grant admits this unix user. kmpd checks one PIN of a UKEY at a time: another kmp-vend, or one that was just ended, may have one under
    /// way. To find it busy counts no PIN, and is tried `tries` times in all; a connection over TLS ends with the fourth.
    base::Result<wire::pb::OpenSessionReply> open(std::string_view ukey, const base::Secret* pin, std::string_view kind = {}, int tries = kRemoteLogins);
    /// Opens the session of a network account, by its password; null: by the key that the connection has proved.
    base::Result<wire::pb::OpenSessionReply> open_account(std::string_view account, const base::Secret* password, int tries = kRemoteLogins);
    static constexpr int kRemoteLogins = 3;
    static constexpr int kLocalLogins = 8;

    base::Result<wire::pb::AuthenticateReply> authenticate(model::MeterNumber meter, model::KeyState state, std::uint32_t key_version = 0);
    base::Result<wire::pb::OrderReply> order(const wire::pb::Order& order);
    base::Result<wire::pb::CheckStatusReply> check_status(const wire::pb::CheckStatus& status);
    base::Result<wire::pb::VoidOrderReply> void_order(const base::Uuid& order, model::MeterNumber meter);
    /// In the log and under a signed checkpoint; waits until there is one.
    base::Result<wire::pb::ProveReply> prove(std::uint64_t index);
    base::Result<wire::pb::RelayReply> relay(const wire::pb::Relay& relay);
    base::Result<wire::pb::DownloadKeysReply> download_keys(const wire::pb::DownloadKeys& download);
    base::Result<wire::pb::KeysLoadedReply> keys_loaded(const wire::pb::KeysLoaded& loaded);
    base::Result<wire::pb::SetValidityReply> set_validity(const wire::pb::SetValidity& validity);
    base::Result<wire::pb::WriteParameterReply> write_parameter(const wire::pb::WriteParameter& parameter);
    base::Result<wire::pb::CheckReadBackReply> check_read_back(const wire::pb::CheckReadBack& said);

    base::Result<wire::pb::AuthenticateCardReply> authenticate_card(const wire::pb::AuthenticateCard& card);
    base::Result<wire::pb::WriteCardKeyReply> write_card_key(const wire::pb::WriteCardKey& key);
    base::Result<wire::pb::WriteCardReply> write_card(const wire::pb::WriteCard& piece);
    base::Result<wire::pb::ReportCardReply> report_card(const wire::pb::ReportCard& report);

    void tell(const std::string& step) const {
        if (tell_) tell_(step);
    }

private:
    /// Asks again while kmpd is busy, after the pause that it names.
    template <class Ask>
    auto patiently(int tries, const Ask& ask) -> decltype(ask());
    base::Result<wire::pb::StationReply> ask(const wire::pb::StationRequest& request);

    wire::StationClient client_;
    Tell tell_;
};

}  // namespace vending
