#pragma once
#include <nlohmann/json.hpp>

#include "vending/vend_commands.h"

/// What the commands of kmp-vend share: a line, a session with kmpd, a journal, and how an outcome is shown.
namespace vending {

/// A session with kmpd and, at the other end, one meter.
struct Station {
    Platform platform;
    Line line;
    model::MeterNumber meter;
};

base::Result<Platform> open_platform(const VendArguments& a, wire::PinSource pins);
/// The line, the session, and the meter that is meant: it has answered.
base::Result<Station> open_station(const VendArguments& a, VendRequest& request);
/// --journal FILE, or the one of the home. `must_be_there`: a file that is not there is not made. not_found
base::Result<Journal> open_journal(const VendArguments& a, bool must_be_there = false);

/// Where the station keeps what it knows of the log of the service that it works with: --log FILE, or beside the journal.
base::Result<std::string> log_file(const VendArguments& a);
/// The same of the kmpd on this machine, which may only prove the station to that service.
base::Result<std::string> local_log_file(const VendArguments& a);
/// Says hello, and holds the service to what is known of its log.
base::Status greet(wire::StationClient& client, const std::string& file, const std::string& key);

/// Prints the document with --json, the text without.
base::Status show(const VendArguments& a, const nlohmann::ordered_json& document, const std::string& text);

}  // namespace vending
