#pragma once
#include <optional>
#include <string>
#include <vector>

#include "vending/key_download.h"
#include "vending/remote.h"
#include "wire/pin_source.h"

/// What each command of kmp-vend does, once its arguments are read. Each prints its outcome, or says why not.
namespace vending {

struct VendArguments {
    std::string home;
    std::string socket;  ///< in the place of the home's kmp.sock
    std::string ukey;
    std::string account;  ///< a network account, in the place of a UKEY
    std::vector<std::string> pin_fds;
    std::string line;
    std::string meter;
    std::string customer;
    std::string amount;
    std::string order_id;
    bool json = false;
    bool verbose = false;
};

/// The arguments that can be told wrong before anything is asked. invalid_argument names the option.
struct VendRequest {
    std::optional<model::MeterNumber> meter;  ///< none: ask the line
    std::optional<model::CustomerNumber> customer;
    model::Fen amount;
    std::optional<base::Uuid> order;
    wire::PinSource pins;
};
base::Result<VendRequest> read_arguments(const VendArguments& arguments);

base::Status move_keys_command(const VendArguments& arguments, VendRequest request, Move move);
base::Status purchase_command(const VendArguments& arguments, VendRequest request, wire::pb::OrderKind kind);
base::Status status_command(const VendArguments& arguments, VendRequest request);
base::Status relay_command(const VendArguments& arguments, VendRequest request, RelayCommand command);

}  // namespace vending
