#pragma once
#include <nlohmann/json.hpp>

#include "vending/vend_commands.h"

/// What the commands of kmp-vend share: a session with kmpd, and how an outcome is shown.
namespace vending {

base::Result<Platform> open_platform(const VendArguments& a, wire::PinSource pins);

/// Prints the document with --json, the text without.
base::Status show(const VendArguments& a, const nlohmann::ordered_json& document, const std::string& text);

}  // namespace vending
