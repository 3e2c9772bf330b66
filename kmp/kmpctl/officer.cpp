#include "kmp/kmpctl/officer.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "kmp/kmpctl/print.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

// A ceremony makes RSA keys on several tokens; soft ones on a small machine take their time.
constexpr wire::Timeout kCeremonyTimeout{300000};

}  // namespace

base::Result<Officer> Officer::connect(const std::string& admin_socket, wire::PinSource pins, bool json) {
    KMP_TRY(wire::AdminClient client, wire::AdminClient::open(admin_socket));
    client.set_timeout(kCeremonyTimeout);
    KMP_CHECK(client.hello("kmpctl"));
    return Officer(std::move(client), std::move(pins), json);
}

base::Status Officer::enter_pin(const std::string& role, std::string_view what, wire::PinSource::Use use) {
    KMP_TRY(const base::Secret pin, pins_.get(role, what, use));
    return client_.enter_pin(role, pin);
}

base::Result<pb::AdminReply> Officer::ask(pb::AdminRequest request, const wire::AdminClient::OnPart& on_part) {
    return client_.call(std::move(request), [&](const pb::AdminReply& part) -> base::Status {
        if (!part.has_progress()) return on_part ? on_part(part) : base::Status();
        if (!json_)
            std::fprintf(stderr, "%s%s\n", part.progress().step().c_str(),
                         part.progress().of() == 0 ? "" : (" (" + std::to_string(part.progress().done()) + " of " + std::to_string(part.progress().of()) + ")").c_str());
        return {};
    });
}

base::Status Officer::show(const nlohmann::ordered_json& document, std::string_view text) const {
    // What the service sends may hold a text that is not UTF-8; that must not keep the outcome from being shown.
    const bool printed = json_ ? print(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n") : print(text);
    if (!printed) return {base::Code::io_failed, "it is done, but standard output takes no text"};
    return {};
}

}  // namespace kmp::kmpctl
