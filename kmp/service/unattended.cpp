#include "kmp/service/unattended.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <asio/post.hpp>

#include "kmp/service/job.h"
#include "wire/pin_source.h"

namespace kmp::service {
namespace {

constexpr std::chrono::seconds kAgain{2};
constexpr const char* kRole = "platform";

base::Status unseal_with_credential(Service& service) {
    wire::PinSource source;
    KMP_TRY(base::Secret pin, source.get(kRole, "the credential kmp.pin.platform", wire::PinSource::Use::existing));
    Job job{service, Peer{geteuid(), getpid(), {}, {}}, {}, [](std::string_view, unsigned, unsigned) {}, [](const wire::pb::AdminReply&) { return false; }, {}, {}};
    job.pins.push_back({kRole, std::move(pin)});
    KMP_TRY(const wire::pb::UnsealReply reply, unseal(job));
    for (const std::string& note : reply.notes()) spdlog::info("{}", note);
    return {};
}

}  // namespace

Unattended::Unattended(Service& service) : service_(service), timer_(service.io()) {}

void Unattended::start() {
    if (service_.phase() != Phase::sealed || !wire::PinSource().has(kRole)) {
        over_ = true;
        return;
    }
    attempt();
}

void Unattended::stop() {
    over_ = true;
    timer_.cancel();
}

void Unattended::attempt() {
    if (over_ || service_.phase() != Phase::sealed) return;
    trying_ = true;
    asio::post(service_.officer(), [this] {
        base::Status status = unseal_with_credential(service_);
        service_.post([this, status = std::move(status)] { ended(status); });
    });
}

void Unattended::ended(const base::Status& status) {
    trying_ = false;
    if (status) {
        spdlog::info("unsealed with the credential kmp.pin.platform");
        over_ = true;
        return;
    }
    // Nothing but a UKEY that is not there (yet) is worth another try.
    if (status.error().code != base::Code::token_removed) {
        audit::Event event(audit::EventType::denied);
        event.text(audit::Field::actor, "the credential kmp.pin.platform").text(audit::Field::request, "unseal");
        event.text(audit::Field::code, base::name(status.error().code)).text(audit::Field::detail, status.error().message);
        service_.keep(std::move(event));
        spdlog::error("the credential kmp.pin.platform does not unseal the service: {}", status.error().message);
        over_ = true;
        return;
    }
    if (!waiting_said_) spdlog::warn("the service unseals itself when the platform UKEY is there: {}", status.error().message);
    waiting_said_ = true;
    if (over_) return;
    timer_.expires_after(kAgain);
    timer_.async_wait([this](const std::error_code& error) {
        if (!error) attempt();
    });
}

}  // namespace kmp::service
