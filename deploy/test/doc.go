// Package deploy tests what is under deploy: images, compose and Kubernetes. It
// is a module of its own, so that its tools decide nothing of the product's.
package deploy
