# shellcheck shell=bash
# Certificates and kubeconfigs by openssl, all in $STATE/pki; keys are P-256 and never leave that folder.

ca() { # ca NAME: a certificate authority of its own, made once
    [ -e "$STATE/pki/$1.crt" ] && return
    mkdir -p "$STATE/pki"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
        -subj "/CN=$1" -addext "keyUsage=critical,keyCertSign,cRLSign,digitalSignature" \
        -keyout "$STATE/pki/$1.key" -out "$STATE/pki/$1.crt" 2>/dev/null
}

cert() { # cert CA NAME SUBJECT [SAN]: a key and a certificate, good for client and server
    local ca=$STATE/pki/$1 out=$STATE/pki/$2
    [ -e "$out.crt" ] && return
    {
        echo "extendedKeyUsage=clientAuth,serverAuth"
        echo "keyUsage=critical,digitalSignature"
        [ -z "${4:-}" ] || echo "subjectAltName=$4"
    } >"$out.ext"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -subj "$3" -keyout "$out.key" -out "$out.csr" 2>/dev/null
    openssl x509 -req -days 3650 -in "$out.csr" -CA "$ca.crt" -CAkey "$ca.key" \
        -set_serial "0x$(openssl rand -hex 16)" -extfile "$out.ext" -out "$out.crt.new" 2>/dev/null
    rm -f "$out.csr" "$out.ext"
    mv "$out.crt.new" "$out.crt"
}

key_pair() { # key_pair NAME: a signing key and its public half (service accounts)
    [ -e "$STATE/pki/$1.pub" ] && return
    openssl ecparam -name prime256v1 -genkey -noout -out "$STATE/pki/$1.key"
    openssl ec -in "$STATE/pki/$1.key" -pubout -out "$STATE/pki/$1.pub" 2>/dev/null
}

kubeconfig() { # kubeconfig FILE SERVER NAME: for the certificate NAME, everything inside the one file
    local b64="base64 -w0"
    cat >"$1" <<YAML
apiVersion: v1
kind: Config
current-context: dkube
clusters:
- name: dkube
  cluster:
    server: $2
    certificate-authority-data: $($b64 "$STATE/pki/ca.crt")
users:
- name: $3
  user:
    client-certificate-data: $($b64 "$STATE/pki/$3.crt")
    client-key-data: $($b64 "$STATE/pki/$3.key")
contexts:
- name: dkube
  context: {cluster: dkube, user: $3}
YAML
    chmod 600 "$1"
}
