#pragma once
#include <functional>

#include "vending/card_sale.h"
#include "vending/vend_commands.h"

namespace CLI {
class App;
}

/// `kmp-vend card ..`: charging cards in a reader.
namespace vending {

struct CardArguments {
    std::string reader;
    unsigned wait_seconds = 10;
    bool open = false;
    bool lose_purchase = false;
    std::string alarm1;
    std::string alarm2;
    unsigned current_ratio = 0;  ///< 0: not given
    unsigned voltage_ratio = 0;
    std::string tariffs;         ///< a file of JSON
    std::string next_tariffs;
    std::string tariff_switch;   ///< "2026-12-01 00:00"
};

/// Runs the command that was chosen, wrong usage included; gives the exit code.
using CardCommand = std::function<int(const VendArguments&, const CardArguments&)>;

/// Adds `card readers|sell|replace|read|erase`; `chosen` is set when one of them is on the command line. The references outlive `app`.
void add_card_commands(CLI::App& app, VendArguments& arguments, CardArguments& card, CardCommand& chosen);

}  // namespace vending
