// kmp-direct: what the disk, the scheduler and SoftHSM2 give when nothing stands before them, and what a PKCS#11 module gives that stands before SoftHSM2. One JSON object.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/direct.h"

namespace {

base::Result<nlohmann::json> run(const std::string& folder, const std::string& module, double seconds) {
    nlohmann::json out;
    KMP_TRY(const bench::Pace sync, bench::measure_fdatasync(folder, seconds));
    KMP_TRY(const bench::Pace echo, bench::measure_socket_echo(seconds));
    out["fdatasync"] = {{"rate", sync.rate}, {"p50_us", sync.p50_us}};
    out["socket_echo"] = {{"rate", echo.rate}, {"p50_us", echo.p50_us}};
    KMP_TRY(const bench::Pace echoes, bench::measure_socket_echoes(16, seconds));
    out["socket_echo_16"] = {{"rate", echoes.rate}};
    for (const unsigned processes : {1u, 2u}) {
        KMP_TRY(const bench::TokenRates rates, bench::measure_token_in(processes, folder + "/" + std::to_string(processes), module, seconds));
        out["token_" + std::to_string(processes)] = {{"cmac_token_key", rates.cmac_token_key}, {"cmac_session_key", rates.cmac_session_key}, {"derive_cmac", rates.derive_cmac}};
    }
    constexpr unsigned kTimes = 5;
    KMP_TRY(const bench::KeyTimes keys, bench::measure_keys(folder + "/keys", module, kTimes));
    out["user_keys"] = {{"initialise_ms", keys.initialise_ms}, {"rsa_ms", keys.rsa_ms}, {"others_ms", keys.others_ms}, {"all_ms", keys.all_ms}};
    return out;
}

base::Result<nlohmann::json> make_token(const std::string& folder, const std::string& module) {
    KMP_CHECK(bench::make_signing_token(folder, module));
    return nlohmann::json{{"token", bench::kSigningToken}, {"pin", bench::kUserPin}, {"configuration", folder + "/softhsm2.conf"}};
}

base::Result<nlohmann::json> sign(unsigned clients, const std::string& module, double seconds) {
    KMP_TRY(const bench::SigningRates rates, bench::measure_signing(clients, module, seconds));
    return nlohmann::json{{"hmac", rates.hmac}, {"p256", rates.p256}};
}

}  // namespace

int main(int argc, char** argv) {
    std::string folder;
    std::string module = "/usr/lib/softhsm/libsofthsm2.so";
    double seconds = 1;
    unsigned clients = 1;
    CLI::App app("What the disk, the scheduler and SoftHSM2 give when nothing stands before them. Prints one JSON object.");
    app.require_subcommand(1);
    CLI::App* limits = app.add_subcommand("limits", "The disk, a socket, and tokens made for it");
    CLI::App* token = app.add_subcommand("make-token", "A SoftHSM2 token with an HMAC key and a P-256 key, for those that are measured by 'sign'");
    CLI::App* signing = app.add_subcommand("sign", "Signs with that token, through a module that the environment tells where it is");
    for (CLI::App* command : {limits, token}) command->add_option("--folder", folder, "An empty folder on the disk to measure; tokens are made there")->required()->check(CLI::ExistingDirectory);
    for (CLI::App* command : {limits, token, signing}) command->add_option("--module", module, "The PKCS#11 module [SoftHSM2]");
    for (CLI::App* command : {limits, signing}) command->add_option("--seconds", seconds, "For each figure [1]")->check(CLI::Range(0.1, 600.0));
    signing->add_option("--clients", clients, "Processes at once [1]")->check(CLI::Range(1, 64));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    const auto out = *limits ? run(folder, module, seconds) : *token ? make_token(folder, module) : sign(clients, module, seconds);
    if (!out) {
        std::fprintf(stderr, "kmp-direct: %s\n", out.error().message.c_str());
        return 1;
    }
    std::printf("%s\n", out->dump().c_str());
    return 0;
}
