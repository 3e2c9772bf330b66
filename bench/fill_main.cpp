// kmp-fill: many UKEYs in the registry of a real home whose service does not run. They are copies of one that was issued there, under
// serials of their own: they can be listed and shown, and open nothing, for no token holds them and their grants are another's.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <cstdio>
#include <future>
#include <thread>

#include "audit/journal.h"
#include "kmp/service/job.h"
#include "kmp/service/opening.h"
#include "kmp/service/platform_file.h"
#include "tokens/bay.h"
#include "tokens/pin.h"
#include "wire/pin_source.h"

namespace {

using base::Code;
using kmp::service::Config;

constexpr std::chrono::seconds kPatience{30};
constexpr std::size_t kBatch = 500;  // UKEYs in one transaction

/// The platform UKEY's host, as kmpd has it.
class Platform {
public:
    Platform(tokens::Spawner& spawner, const std::string& readers) : bay_(io_, spawner, readers, [](const tokens::BayEvent&) {}) {
        thread_ = std::thread([this] { io_.run(); });
        asio::post(io_, [this] { bay_.start(); });
    }
    ~Platform() {
        asio::post(io_, [this] {
            bay_.stop();
            io_.stop();
        });
        thread_.join();
    }
    /// Waits until its host is there.
    base::Result<tokens::Slot> slot(const base::UkeySerial& serial) {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        for (;;) {
            std::promise<base::Result<tokens::Slot>> promise;
            auto found = promise.get_future();
            asio::post(io_, [&] { promise.set_value(bay_.by_serial(serial)); });
            if (auto out = found.get(); out || std::chrono::steady_clock::now() > end) return out;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }

private:
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
    tokens::Bay bay_;
    std::thread thread_;
};

/// As unsealing does it (kmp/service/jobs/unsealing.cpp).
base::Result<base::Secret> database_key(const Config& config, tokens::Spawner& spawner, wire::PinSource& pins) {
    KMP_TRY(const kmp::service::PlatformFile file, kmp::service::read_platform_file(config.platform_file()));
    KMP_TRY(const base::Secret pin, pins.get("platform", "PIN of the platform UKEY", wire::PinSource::Use::existing));
    Platform platform(spawner, config.readers());
    KMP_TRY(const tokens::Slot slot, platform.slot(file.platform));
    KMP_TRY(const base::Secret stretched, tokens::stretch(pin, kmp::service::salt_of(slot, file.platform)));
    tokens::Token token(slot.channel, "platform UKEY " + file.platform.text());
    KMP_CHECK(token.login(tokens::as_token_pin(stretched)));
    return token.unwrap_database_key(file.database_key);
}

/// The registry's rows as issuing leaves them. The log says that the UKEY was initialised and not that it was issued: nobody signed for that, and who
/// verifies the log would find it.
base::Status add(store::Transaction& t, audit::Journal& journal, const tokens::UkeyRecord& r, base::Millis now) {
    KMP_CHECK(tokens::registry::insert(t, r));
    KMP_CHECK(tokens::registry::set_issued(t, r));
    audit::Event initialised(audit::EventType::ukey_initialised);
    initialised.text(audit::Field::ukey, r.serial.text()).value(audit::Field::ukey_kind, r.kind).text(audit::Field::token_serial, r.token_serial);
    KMP_CHECK(journal.append(t, initialised, now));
    return {};
}

base::Status fill(store::Database& database, const base::UkeySerial& like, std::size_t count) {
    KMP_TRY(const auto records, tokens::registry::load(database));
    const auto model = std::ranges::find(records, like, &tokens::UkeyRecord::serial);
    if (model == records.end()) return {Code::not_found, "UKEY " + like.text() + " was not issued by this platform"};
    KMP_TRY(audit::Journal journal, audit::Journal::open(database));
    const base::Millis now = base::SystemClock().now();
    for (std::size_t done = 0; done < count;) {
        KMP_TRY(store::Transaction transaction, database.begin());
        for (const std::size_t end = std::min(done + kBatch, count); done < end; ++done) {
            tokens::UkeyRecord copy = *model;
            copy.serial = tokens::make_serial(copy.kind);
            copy.holder = "Holder " + std::to_string(done + 1);
            if (copy.grant) {
                copy.grant->grant.ukey = copy.serial;
                copy.grant->statement = copy.grant->grant.encode();
            }
            KMP_CHECK(add(transaction, journal, copy, now));
        }
        KMP_CHECK(transaction.commit());
        journal.committed();
    }
    return {};
}

struct Arguments {
    std::string home;
    std::string like;
    std::vector<std::string> pin_fds;
    std::size_t count = 10000;
};

base::Status run(const Arguments& a) {
    KMP_TRY(const base::UkeySerial like, base::UkeySerial::parse(a.like));
    KMP_TRY(auto pins, wire::PinSource::parse(a.pin_fds, {"platform"}));
    KMP_TRY(const Config config, Config::load(a.home, a.home + "/run"));
    KMP_TRY(tokens::Spawner spawner, tokens::Spawner::start({}));
    // Its lock says that no service works here.
    KMP_TRY(const auto alone, kmp::service::SealedLog::open(config.sealed_log()));
    KMP_TRY(const base::Secret key, database_key(config, spawner, pins));
    KMP_TRY(auto database, store::Database::open(config.database(), key, store::Mode::read_write));
    return fill(database, like, a.count);
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    Arguments a;
    CLI::App app("Fills the registry of a home, whose service does not run, with copies of one UKEY.");
    app.add_option("--home", a.home, "The platform's home")->required()->check(CLI::ExistingDirectory);
    app.add_option("--like", a.like, "Serial of the UKEY that is copied")->required();
    app.add_option("--count", a.count, "How many [10000]")->check(CLI::Range(1, 1000000));
    app.add_option("--pin-fd", a.pin_fds, "platform=N: the PIN of the platform UKEY stands on descriptor N");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    if (const auto filled = run(a); !filled) {
        std::fprintf(stderr, "kmp-fill: %s\n", filled.error().message.c_str());
        return 1;
    }
    return 0;
}
