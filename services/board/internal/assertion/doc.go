// Package assertion recognises platforms by what they sign (private_key_jwt:
// RFC 7523): it checks JSON Web Tokens against a platform's public keys, which it
// is given or fetches from where the platform publishes them. Whether an
// assertion came before is not its business.
package assertion
