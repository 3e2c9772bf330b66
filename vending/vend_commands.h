#pragma once
#include <optional>
#include <string>
#include <vector>

#include "vending/journal.h"
#include "vending/key_download.h"
#include "vending/remote.h"
#include "wire/pin_source.h"

/// What each command of kmp-vend does, once its arguments are read. Each prints its outcome, or says why not.
namespace vending {

struct VendArguments {
    std::string home;
    std::string socket;  ///< in the place of the home's kmp.sock
    std::string connect; ///< HOST:PORT of a network encryption machine, in the place of a local kmpd; with `ukey` the local one proves the station there
    std::string trust;   ///< with it: PEM file of the trust anchor
    std::string ukey;
    std::string kind;    ///< of the UKEY that is looked for where --ukey names none: user, key; empty: either
    std::string account;  ///< a network account, in the place of a UKEY
    std::vector<std::string> pin_fds;
    std::string line;
    std::string meter;
    std::string customer;
    std::string amount;
    std::string order_id;
    std::string journal;
    std::string die_at;      ///< tests: end as by kill -9 once this order state is in the journal
    unsigned minutes = 0;
    bool all = false;        ///< orders list: finished ones too
    std::string file;        ///< batch, tariff; orders prove: what is written
    std::string station;     ///< orders export: whose journal it is
    std::string reader;      ///< orders void: the card reader with the order's card
    std::string meters;      ///< FIRST-LAST, or a file with one number a line
    bool again = false;      ///< ask meters too that an earlier run has done
    std::string result;      ///< file that takes what became of each meter
    std::vector<std::string> values;  ///< names and values of parameters
    unsigned parameter_class = 0;     ///< 0: the usual one of each parameter
    bool json = false;
    bool verbose = false;
    std::string log;         ///< file of what is known of the platform's log, in the place of the one beside the journal
    std::string log_key;     ///< the key of its checkpoints, as the auditor gave it; empty: the one of the first contact
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
base::Status validity_command(const VendArguments& arguments, VendRequest request);
base::Status read_back_command(const VendArguments& arguments, VendRequest request);
base::Status end_command(const VendArguments& arguments, VendRequest request);

base::Status orders_list_command(const VendArguments& arguments, VendRequest request);
base::Status orders_show_command(const VendArguments& arguments, VendRequest request);
/// All unfinished orders, or the one of --order-id; over the line on which their meters are.
base::Status orders_resume_command(const VendArguments& arguments, VendRequest request);
/// Takes an order back that its meter never took, with proof: a status of the meter (--line), or its card (--reader).
base::Status orders_void_command(const VendArguments& arguments, VendRequest request);
/// A file that shows, without us, that the order is in the platform's log: C2SP tlog-proof.
base::Status orders_prove_command(const VendArguments& arguments, VendRequest request);
/// What this station knows of the platform's log.
base::Status log_show_command(const VendArguments& arguments, VendRequest request);
/// Puts it aside, after the auditor's word: the next command is a first contact.
base::Status log_forget_command(const VendArguments& arguments, VendRequest request);
/// The station's ledger, as `kmpctl audit reconcile` reads it: every order that kmpd has charged.
base::Status orders_export_command(const VendArguments& arguments, VendRequest request);
base::Status parameters_command(const VendArguments& arguments, VendRequest request);
base::Status tariff_command(const VendArguments& arguments, VendRequest request);
base::Status read_command(const VendArguments& arguments, VendRequest request);

/// The orders of a CSV file, one line of meters; what became of each goes to a result file.
base::Status batch_command(const VendArguments& arguments, VendRequest request);
/// Keys of many meters on one line.
base::Status move_many_keys_command(const VendArguments& arguments, VendRequest request, Move move);
base::Status relay_command(const VendArguments& arguments, VendRequest request, RelayCommand command);

}  // namespace vending
