# What the scripts of this folder share. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C
umask 077
# openssl's engine crashes when the PIN is wrong (see open_key): no dump that would hold the PIN.
ulimit -c 0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(basename "$0")
key_label=kmp-root-ca
ca='' module='' token='' pin='' pin_fd=''
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

die() {
  printf '%s: %s\n' "$program" "$1" >&2
  exit 1
}

# The lines of the script that begin with "#>".
usage() {
  sed -n 's/^#> \{0,1\}//p' "$0" >&2
  exit 2
}

# value OPTION VALUE..: the option has one.
value() {
  if [ $# -lt 2 ] || [ -z "$2" ]; then usage; fi
}

is_number() { [[ $1 =~ ^[0-9]{1,5}$ ]]; }

need() {
  command -v "$1" >/dev/null || die "the program $1 is missing; install the package $2"
}

# need_days WHAT DAYS
need_days() {
  if ! is_number "$2" || [ "$2" -lt 1 ]; then die "$1: a number of days, not '$2'"; fi
}

# enter VARIABLE WHAT DESCRIPTOR: reads a PIN from the descriptor, or where that is empty from the terminal. Never from an argument: those
# are for everybody to read.
enter() {
  local -n into=$1
  into=''
  if [ -n "$3" ]; then
    is_number "$3" || die "$2: a descriptor is a number, not '$3'"
    { IFS= read -r -u "$3" into || [ -n "$into" ]; } 2>/dev/null || die "$2: descriptor $3 gives nothing"
  else
    [ -t 0 ] || die "$2: there is no terminal to ask at; pass a descriptor"
    IFS= read -rs -p "$2: " into
    echo >&2
  fi
}

# enter_new VARIABLE WHAT DESCRIPTOR: a PIN that is being set; twice where a person types it.
enter_new() {
  enter "$1" "$2" "$3"
  local -n first=$1
  local second
  if [ "${#first}" -lt 8 ] || [ "${#first}" -gt 64 ]; then die "$2: 8 to 64 characters"; fi
  [ -z "$3" ] || return 0
  enter second "$2, once more" ''
  [ "$first" = "$second" ] || die "$2: the two are not the same"
}

softhsm_module() {
  local file
  for file in /usr/lib/*/softhsm/libsofthsm2.so /usr/lib/softhsm/libsofthsm2.so; do
    if [ -e "$file" ]; then
      echo "$file"
      return
    fi
  done
  die "SoftHSM2 is missing; install the package libsofthsm2, or name a --module"
}

# use_module: lets openssl and pkcs11-tool find the token of the authority in $ca. A soft token lies in the folder itself, wherever that is
# mounted today.
use_module() {
  export OPENSSL_CONF=$here/openssl.cnf KMP_CA=$ca KMP_CA_ORGANISATION='' KMP_CA_NAME='' KMP_CA_SUBJECT_KEY_ID=''
  if [ "$module" = softhsm ]; then
    KMP_CA_MODULE=$(softhsm_module)
    export SOFTHSM2_CONF=$scratch/softhsm2.conf
    printf 'directories.tokendir = %s/token\nobjectstore.backend = file\nlog.level = ERROR\n' "$ca" >"$SOFTHSM2_CONF"
  else
    KMP_CA_MODULE=$module
  fi
  export KMP_CA_MODULE
  [ -e "$KMP_CA_MODULE" ] || die "there is no PKCS#11 module $KMP_CA_MODULE"
  openssl engine pkcs11 >/dev/null 2>&1 || die "openssl has no pkcs11 engine; install the package libengine-pkcs11-openssl"
  key_uri="pkcs11:token=$token;object=$key_label;type=private"
}

# open_ca FOLDER: an authority that make-root has made.
open_ca() {
  need openssl openssl
  [ -r "$1/ca.conf" ] || die "$1 is no authority's folder: make one with make-root"
  ca=$(cd "$1" && pwd)
  local key value
  while IFS='=' read -r key value; do
    case $key in
      module) module=$value ;;
      token) token=$value ;;
      *) die "$1/ca.conf: '$key' is not known; restore the folder from its copy" ;;
    esac
  done <"$ca/ca.conf"
  use_module
}

# with_key COMMAND..: openssl with the root's key, which the command names as $key_uri. The PIN goes through a pipe of its own: openssl hands what
# -passin gives it to the engine, so the PIN stands in no argument, no environment and no file.
with_key() {
  openssl "$@" -engine pkcs11 -keyform engine -passin fd:9 9< <(printf '%s\n' "$pin")
}

# open_key: asks for the PIN, and makes sure that the token holds the key of root.pem. With a wrong PIN or without the key the engine prints
# riddles and crashes; so this comes first, in a process of its own, once (a module may count wrong PINs).
open_key() {
  enter pin "PIN of the root's token" "$pin_fd"
  if ! (openssl pkey -engine pkcs11 -inform engine -in "$key_uri" -passin fd:9 -pubout -out "$scratch/key.pub" 9< <(printf '%s\n' "$pin"); exit $?) >"$scratch/said" 2>&1; then
    case $(<"$scratch/said") in
      *'PIN incorrect'*) die "wrong PIN for the token '$token'" ;;
      *'PIN locked'*) die "the token '$token' is locked after too many wrong PINs; its SO PIN unlocks it" ;;
      *'No matching initialized token'*) die "there is no token '$token': plug it in, or restore the authority's folder from its copy" ;;
      *'object not found'*) die "the token '$token' holds no key '$key_label': it is not the root's token" ;;
      *) die "the token '$token' does not answer: $(head -n 1 "$scratch/said")" ;;
    esac
  fi
  [ ! -e "$ca/root.pem" ] || openssl x509 -in "$ca/root.pem" -noout -pubkey | cmp -s - "$scratch/key.pub" ||
    die "the key '$key_label' in the token '$token' is not the one of $ca/root.pem: it is another authority's token"
}

# sign FAILURE COMMAND..: with_key, quietly; its last words become the one line of an error.
sign() {
  local what=$1
  shift
  with_key "$@" >"$scratch/said" 2>&1 || die "$what: $(grep -v '^Engine\|^Using configuration\|^$' "$scratch/said" | head -n 1)"
}

# publish_crl DAYS: signs the list of revoked certificates anew; it replaces the old one whole.
publish_crl() {
  sign "the revocation list was not signed" ca -gencrl -keyfile "$key_uri" -crldays "$1" -out "$ca/crl.pem.new"
  chmod 0644 "$ca/crl.pem.new"
  mv "$ca/crl.pem.new" "$ca/crl.pem"
  echo "The root's revocation list is $ca/crl.pem; the next is due $(openssl crl -in "$ca/crl.pem" -noout -nextupdate | cut -d= -f2)."
}

fingerprint() { openssl x509 -in "$1" -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f; }
