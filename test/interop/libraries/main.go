// What Veraison's Go package corim makes of documents; prints "NAME VERDICT" a line, the verdict being "good" or what it says.
//
//	interop read PUBLIC-KEY FILE...    signed documents: read, and their signatures verified
//	interop sign PRIVATE-KEY FILE...   unsigned ones: read, and signed anew into FILE.signed
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/veraison/corim/comid"
	"github.com/veraison/corim/corim"
	"github.com/veraison/go-cose"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func keyFrom(file string) []byte {
	text, err := os.ReadFile(file)
	must(err)
	block, _ := pem.Decode(text)
	return block.Bytes
}

// Each CoMID inside: the package keeps tags as bytes, those of older drafts with tag 506 in them.
func comids(unsigned *corim.UnsignedCorim) ([]comid.Comid, error) {
	var all []comid.Comid
	for _, tag := range unsigned.Tags {
		bytes := []byte(tag)
		if len(bytes) > 3 && bytes[0] == 0xd9 {
			bytes = bytes[3:]
		}
		var c comid.Comid
		if err := c.FromCBOR(bytes); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func read(key crypto.PublicKey, data []byte) error {
	var signed corim.SignedCorim
	if err := signed.FromCOSE(data); err != nil {
		return err
	}
	if err := signed.Verify(key); err != nil {
		return err
	}
	_, err := comids(&signed.UnsignedCorim)
	return err
}

// FromCBOR wants the corim-map without its tag 501.
func sign(key *ecdsa.PrivateKey, file string, data []byte) error {
	var old corim.UnsignedCorim
	if err := old.FromCBOR(data[3:]); err != nil {
		return err
	}
	all, err := comids(&old)
	if err != nil {
		return err
	}
	made := corim.NewUnsignedCorim().SetID(old.GetID())
	for _, c := range all {
		if made.AddComid(c) == nil {
			return errors.New("it makes no CoMID of what it has read")
		}
	}
	signed := corim.SignedCorim{UnsignedCorim: *made}
	signed.Meta.SetSigner("ACME", nil)
	signer, err := cose.NewSigner(cose.AlgorithmES256, key)
	must(err)
	out, err := signed.Sign(signer)
	if err != nil {
		return err
	}
	return os.WriteFile(file+".signed", out, 0o644)
}

func main() {
	var public crypto.PublicKey
	var private *ecdsa.PrivateKey
	if os.Args[1] == "read" {
		key, err := x509.ParsePKIXPublicKey(keyFrom(os.Args[2]))
		must(err)
		public = key
	} else {
		key, err := x509.ParsePKCS8PrivateKey(keyFrom(os.Args[2]))
		must(err)
		private = key.(*ecdsa.PrivateKey)
	}
	for _, file := range os.Args[3:] {
		data, err := os.ReadFile(file)
		must(err)
		if private == nil {
			err = read(public, data)
		} else {
			err = sign(private, file, data)
		}
		verdict := "good"
		if err != nil {
			verdict = strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Println(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), verdict)
	}
}
