// Stands in for the library of Zarr stores, which NiiVue can read and the page never opens.
function unused(): never {
  throw new Error('the page opens no Zarr stores')
}

export { unused as FetchStore, unused as get, unused as open, unused as root, unused as slice }
