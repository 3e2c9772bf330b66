#include "kmp/service/denials.h"

#include <algorithm>
#include <array>
#include <asio/io_context.hpp>
#include <span>

#include "kmp/service/endpoint.h"
#include "kmp/service/seats.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using Clock = std::chrono::steady_clock;

std::uint64_t number_in(const Event& event, Field field) {
    std::uint64_t out = 0;
    for (const std::uint8_t b : event.value_of(field)) out = out << 8 | b;
    return out;
}

/// Where somebody is, without what changes with each connection.
std::string place_of_peer(const Peer& peer) {
    if (!peer.is_remote()) return "uid " + std::to_string(peer.uid);
    const auto endpoint = parse_endpoint(peer.address, "peer");
    return endpoint ? place_of(asio::ip::make_address(endpoint->address)) : peer.address;
}

/// A UKEY that was proved in a session, not one that was only asked for.
base::ByteView proven_ukey(const Event& event) { return event.value_of(Field::session).empty() ? base::ByteView() : event.value_of(Field::ukey); }

/// A peer: its place, and the UKEY that it has proved.
std::string name_of(const std::string& place, std::string_view ukey) { return place + std::string(1, '\0') + std::string(ukey); }

/// What was asked for, and is told of each refused session: no wrong key, account or UKEY hides in a flood.
constexpr std::array kOfRefusedSessions{Field::ukey, Field::account, Field::proven_key};

/// What the refusals of one event have in common besides their peer.
std::string kind_of(const Event& event) {
    std::string out = std::to_string(static_cast<unsigned>(event.type()));
    const auto add = [&](Field field) { out.append("\0", 1).append(base::as_text(event.value_of(field))); };
    for (const Field field : {Field::session, Field::request, Field::operation, Field::code, Field::rule}) add(field);
    if (event.type() == EventType::session_refused)
        for (const Field field : kOfRefusedSessions) add(field);
    return out;
}

}  // namespace

Denials::Denials(asio::io_context& io, Submit submit, Metrics& metrics, DenialLimits limits) : submit_(std::move(submit)), metrics_(metrics), limits_(limits), timer_(io) {}

std::shared_ptr<Denials::Allowance> Denials::allowance(std::string& peer) {
    const auto now = Clock::now();
    auto found = peers_.find(peer);
    if (found == peers_.end()) {
        // Whoever has had time to get everything back is forgotten.
        if (peers_.size() >= limits_.most_peers)
            std::erase_if(peers_, [&](const auto& p) { return p.second->waiting == 0 && now - p.second->at > std::chrono::seconds(limits_.burst / std::max(limits_.per_second, 1u)); });
        if (peers_.size() >= limits_.most_peers) peer.clear();
        const auto [at, fresh] = peers_.try_emplace(peer);
        if (fresh) at->second = std::make_shared<Allowance>(Allowance{static_cast<double>(limits_.burst), now, 0});
        found = at;
    }
    Allowance& a = *found->second;
    a.left = std::min<double>(limits_.burst, a.left + std::chrono::duration<double>(now - a.at).count() * limits_.per_second);
    a.at = now;
    return found->second;
}

bool Denials::flooded(const Peer& peer, std::string_view ukey) const {
    auto found = peers_.find(name_of(place_of_peer(peer), ukey));
    if (found == peers_.end()) found = peers_.find({});  // what those share who are too many
    return found != peers_.end() && (found->second->waiting >= limits_.most_waiting || (ukey.empty() && found->second->kinds >= limits_.most_kinds));
}

void Denials::take(const Peer& peer, Event event, base::Millis now, Done done) {
    const std::string place = place_of_peer(peer);
    std::string who = name_of(place, base::as_text(proven_ukey(event)));
    const auto of = allowance(who);
    if (of->left >= 1) {
        of->left -= 1;
        return submit_(std::move(event), std::move(done));
    }
    const auto [at, fresh] = groups_.try_emplace(who + std::string(1, '\0') + kind_of(event));
    Group& group = at->second;
    if (fresh) {
        group.of = of;
        group.actor = who.empty() ? "one of very many" : peer.is_remote() ? place + " over TLS" : std::string();
        group.session = number_in(event, Field::session);
        group.first = now;
        group.deadline = Clock::now() + limits_.window;
        ++of->kinds;
    }
    group.newest = std::make_unique<Event>(std::move(event));
    group.last = std::max(now, group.first);
    group.waiting.push_back(std::move(done));
    ++of->waiting;
    ++of->gathered;
    ++waiting_;
    if (group.waiting.size() >= limits_.most) {
        Group full = std::move(group);
        groups_.erase(at);
        return write(std::move(full));
    }
    // Not at each one: where no group is worth an event this finds nothing to write.
    if (of->gathered >= limits_.most_waiting * 3 / 4 && of->gathered % std::max<std::size_t>(limits_.most_waiting / 16, 1) == 0) relieve(who);
    arm();
}

void Denials::relieve(const std::string& who) {
    const std::string own = who + std::string(1, '\0');
    std::vector<Groups::iterator> groups;
    for (auto g = groups_.lower_bound(own); g != groups_.end() && g->first.starts_with(own); ++g)
        if (g->second.waiting.size() >= limits_.most / 8) groups.push_back(g);
    std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a->second.waiting.size() > b->second.waiting.size(); });
    for (const auto& g : groups) {
        if (g->second.of->gathered <= limits_.most_waiting / 4) break;
        Group big = std::move(g->second);
        groups_.erase(g);
        write(std::move(big));
    }
}

void Denials::write(Group group) {
    group.of->gathered -= group.waiting.size();
    --group.of->kinds;
    const Event& newest = *group.newest;
    Event event(EventType::denials_coalesced);
    event.text(Field::actor, group.actor);
    for (const Field field : {Field::uid, Field::session, Field::request, Field::operation, Field::rule, Field::code, Field::detail}) {
        if (field == Field::uid && !group.actor.empty()) continue;
        if (const base::ByteView value = newest.value_of(field); !value.empty()) event.bytes(field, value);
    }
    const auto keep = [&](std::span<const Field> fields) {
        for (const Field field : fields)
            if (const base::ByteView value = newest.value_of(field); !value.empty()) event.bytes(field, value);
    };
    // Without a session these say only what was asked for, and are not the same for all.
    if (group.session != 0) keep(std::array{Field::ukey, Field::station, Field::account});
    else if (newest.type() == EventType::session_refused) keep(kOfRefusedSessions);
    if (newest.value_of(Field::request).empty()) event.text(Field::request, audit::name(newest.type()));
    event.number(Field::denials, group.waiting.size()).time(Field::first_at, group.first).time(Field::last_at, group.last);
    metrics_.coalesced_denials.add(group.waiting.size());
    metrics_.coalesced_events.add();
    submit_(std::move(event), [this, of = group.of, waiting = std::move(group.waiting)](const base::Result<audit::Receipt>& receipt) {
        waiting_ -= waiting.size();
        of->waiting -= waiting.size();
        for (const Done& done : waiting) done(receipt);
    });
}

void Denials::flush_if(const std::function<bool(const Group&)>& due) {
    std::vector<Group> out;
    for (auto g = groups_.begin(); g != groups_.end();) {
        if (due(g->second)) {
            out.push_back(std::move(g->second));
            g = groups_.erase(g);
        } else {
            ++g;
        }
    }
    for (Group& group : out) write(std::move(group));
}

void Denials::flush(std::uint64_t session) {
    flush_if([session](const Group& g) { return g.session == session; });
}

void Denials::flush_all() {
    flush_if([](const Group&) { return true; });
}

void Denials::arm() {
    if (armed_ || groups_.empty()) return;
    const auto first = std::min_element(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) { return a.second.deadline < b.second.deadline; });
    armed_ = true;
    timer_.expires_at(first->second.deadline);
    timer_.async_wait([this](const std::error_code& error) {
        armed_ = false;
        if (error) return;
        const auto now = Clock::now();
        flush_if([now](const Group& g) { return g.deadline <= now; });
        arm();
    });
}

}  // namespace kmp::service
