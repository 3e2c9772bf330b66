#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kmp/policy/velocity.h"

namespace kmp::service {

/// What HOME/kmp.toml may say; a missing file or key means the default here. An unknown key is refused, so that a slip of the
/// pen does not silently switch something off.
struct Config {
    std::string home;                  ///< not in the file: where it lies
    std::string run;                   ///< sockets; default HOME/run
    std::string tokenhost;             ///< default: kmp-tokenhost beside kmpd

    // [service]
    unsigned max_connections = 1024;   ///< on each socket
    unsigned max_in_flight = 256;      ///< requests of one connection; more are answered "busy"
    unsigned max_queue = 4096;         ///< requests in the whole service
    std::chrono::milliseconds token_timeout{5000};   ///< one operation on a UKEY
    std::chrono::milliseconds idle_timeout{600000};  ///< a silent connection is closed

    // [network]
    std::string network_listen;        ///< ADDRESS:PORT that stations reach over TLS; empty: none
    unsigned network_max_connections = 1024;
    unsigned network_max_per_address = 64;
    std::chrono::milliseconds network_handshake_timeout{10000};  ///< for TLS
    std::chrono::milliseconds network_login_timeout{30000};      ///< until a connection has its session

    // [velocity]
    policy::VelocityRule velocity;     ///< when a station's sales are an unusual burst; off where it has neither limit

    // [card]
    bool card_voids = false;           ///< whether sales on a card can be voided: what proves it comes from a card whose keys a station may know

    // [audit]
    unsigned checkpoint_events = 10000;              ///< a checkpoint at least every so many events
    std::chrono::milliseconds checkpoint_interval{60000};  ///< and every so long, when something happened

    std::string audit_drop;            ///< a folder that every checkpoint is written to; empty: none
    std::string audit_group;           ///< a unix group whose members reach admin.sock for the status and auditors' work and nothing else; empty: none
    bool auditor_only = false;         ///< the log is read by auditors' sessions alone, not by whoever may use admin.sock

    // [witness]
    std::string witness_listen;        ///< ADDRESS:PORT where this service cosigns other logs' checkpoints; empty: nowhere

    // [standby]
    std::string standby_folder;        ///< where a second machine is fed from; empty: none is
    std::chrono::milliseconds standby_interval{1000};  ///< between two segments
    unsigned standby_segments = 50000; ///< in a series; then another base is begun

    // [metrics]
    std::string metrics_listen = "unix";  ///< "unix": RUN/metrics.sock; or a loopback ADDRESS:PORT; empty: nowhere

    // [log]
    std::string log_level = "info";    ///< debug, info, warning or error

    /// One value that two configurations do not share, as a person reads it.
    struct Change {
        std::string key, from, to;
        bool live = false;  ///< it can change while the service runs
        std::string text() const { return key + ": " + from + " -> " + to; }
    };
    static std::vector<Change> changes(Config now, Config next);
    /// What it says that no default does, as a person reads it: of a home without a kmp.toml, that too.
    std::string told() const;
    /// Takes over what can change while the service runs.
    void adopt(Config next);

    static base::Result<Config> load(const std::string& home, const std::string& run);
    std::string station_socket() const { return run + "/kmp.sock"; }
    std::string admin_socket() const { return run + "/admin.sock"; }
    std::string metrics_socket() const { return run + "/metrics.sock"; }
    std::string database() const { return home + "/kmp.db"; }
    std::string search_index() const { return home + "/search.db"; }
    std::string platform_file() const { return home + "/platform.toml"; }
    std::string recovery_file() const { return home + "/recovery.toml"; }
    std::string sealed_log() const { return home + "/sealed.log"; }
    std::string readers() const { return home + "/readers"; }
    std::string checkpoint_file() const { return home + "/checkpoint"; }
    std::string witnesses() const { return home + "/witnesses"; }
    std::string witnessed() const { return home + "/witnessed"; }
    std::string contradiction_file() const { return home + "/contradiction"; }
    std::string crl_file() const { return home + "/crl.pem"; }
};

}  // namespace kmp::service
